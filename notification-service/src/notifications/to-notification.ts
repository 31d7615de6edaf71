import type { Notification } from '@chat/shared/contracts';
import { displayName, type UserNames } from '../users/names.js';
import type { MessageNotification } from './apply.js';

/** For a query of `notifications n left join users u` (the sender). */
export const NOTIFICATION_COLUMNS = `n.id, n.user_id as "userId", n.type, n.title, n.data, n.conversation_id as "conversationId",
  n.message_id as "messageId", n.sender_id as "senderId", n.seq, n.count, n.message, n.read, n.created_at as "createdAt",
  u.username, u.first_name as "firstName", u.last_name as "lastName"`;

/** The names are null when the sender is not known yet. */
type MessageRow = Omit<MessageNotification, 'createdAt'> & { createdAt: string | Date } & {
  [K in 'username' | 'firstName' | 'lastName']?: UserNames[K] | null;
};

type SystemRow = Omit<Notification, 'type' | 'createdAt'> & { createdAt: Date };

/** A row of `NOTIFICATION_COLUMNS`. */
export type NotificationRow = (MessageRow & { type: 'MESSAGE' }) | (SystemRow & { type: 'SYSTEM' });

/** A notification as clients see it, from its row. */
export function toNotification(row: NotificationRow): Notification {
  if (row.type === 'MESSAGE') return toMessageNotification(row);
  const { id, userId, type, title, message, data, read, createdAt } = row;
  return { id, userId, type, title, message, data, read, createdAt: createdAt.toISOString() };
}

/** Its title is the present name of the sender, so it is not stored. */
export function toMessageNotification(row: MessageRow): Notification {
  const { id, userId, conversationId, messageId, seq, senderId, count, message, read, createdAt } = row;
  return {
    id,
    userId,
    type: 'MESSAGE',
    title: displayName(row),
    message,
    data: { conversationId, messageId, seq, senderId, count },
    read,
    createdAt: new Date(createdAt).toISOString(),
  };
}
