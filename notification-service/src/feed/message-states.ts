import type { FeedMessage } from '@chat/shared/contracts';
import { columnsOf } from '@chat/shared/database';
import type { EntityManager } from 'typeorm';
import { othersIn, withoutUsers } from './feed-message.js';

/*
 * A message that was changed since it was sent is stored once, in feed_messages: its events have no text of their own, and every replay shows the message
 * as it is there. So an edit shows in all its events, and a deleted text is in none of them, at the cost of one row. A message that was never changed
 * has no row there.
 */

/** A change, with the message as it is from now on. */
export interface MessageChange {
  eventId: string;
  message: FeedMessage;
}

/** What an event of a changed message stores itself: what never changes. */
export function withoutText(message: FeedMessage): FeedMessage {
  const { messageId, conversationId, seq, senderId, receiverId, createdAt } = message;
  const nothing = { content: '', clientMessageId: null, replyToId: null, mentions: [] };
  return { messageId, conversationId, seq, senderId, receiverId, createdAt, ...nothing };
}

/** Stores changes of messages, in the order of the log, after their events. */
export async function storeMessageChanges(manager: EntityManager, changes: MessageChange[], retentionDays: number): Promise<void> {
  if (changes.length === 0) return;
  const newest = new Map(changes.map(({ message }) => [message.messageId, message]));
  await manager.query('select save_messages($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)', [
    ...columnsOf([...newest.values()].map(toRow), [
      'messageId',
      'conversationId',
      'senderId',
      'createdAt',
      'payload',
      'userIds',
      'isDeleted',
    ]),
    changes.map(({ eventId }) => eventId),
    changes.map(({ message }) => message.messageId),
    retentionDays,
  ]);
}

/** Deletes what the changed messages of a conversation contain of a user that deleted the account; true after the last part. */
export async function eraseUserFromMessages(
  manager: EntityManager,
  { conversationId, userId, deletedAt }: { conversationId: string; userId: string; deletedAt: Date },
  rowsPerPart: number,
): Promise<boolean> {
  const rows = (await manager.query(
    `select payload from feed_messages
     where conversation_id = $1 and ((sender_id = $2 and not is_deleted) or user_ids @> array[$2::uuid])
     order by message_id limit $3 for update`,
    [conversationId, userId, rowsPerPart],
  )) as { payload: string }[];
  const deleted = new Map([[userId, deletedAt.toISOString()]]);
  const erased = rows.map(({ payload }) => toRow(withoutUsers(JSON.parse(payload) as FeedMessage, deleted)));
  await manager.query(
    `update feed_messages m set payload = e.payload, user_ids = e.user_ids::uuid[], is_deleted = e.is_deleted
     from unnest($1::uuid[], $2::text[], $3::text[], $4::boolean[]) e(message_id, payload, user_ids, is_deleted)
     where m.message_id = e.message_id`,
    columnsOf(erased, ['messageId', 'payload', 'userIds', 'isDeleted']),
  );
  return rows.length < rowsPerPart;
}

function toRow(message: FeedMessage) {
  const { messageId, conversationId, senderId, createdAt, deletedAt } = message;
  // The text of an array.
  const userIds = `{${[...new Set(othersIn(message))].join()}}`;
  return { messageId, conversationId, senderId, createdAt, payload: JSON.stringify(message), userIds, isDeleted: deletedAt !== undefined };
}
