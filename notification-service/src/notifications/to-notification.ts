import type { Notification } from '@chat/shared/contracts';
import { displayName, type Person } from '../people/people.js';
import type { MessageNotification } from './message-notifications.js';

/** For a query of `notifications n left join people p` (the sender). */
export const NOTIFICATION_COLUMNS = `n.id, n.user_id as "userId", n.conversation_id as "conversationId", n.message_id as "messageId",
  n.sender_id as "senderId", n.seq, n.count, n.message, n.read, n.created_at as "createdAt",
  p.username, p.first_name as "firstName", p.last_name as "lastName"`;

/** The names are null when the sender is not known yet. */
export type NotificationRow = Omit<MessageNotification, 'createdAt'> & { createdAt: string | Date } & {
  [K in 'username' | 'firstName' | 'lastName']?: Person[K] | null;
};

/** A notification as clients see it. Its title is the present name of the sender, so it is not stored. */
export function toNotification(row: NotificationRow): Notification {
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
