import type { Statement } from '../database/queries.js';

/**
 * Unread messages of member `me` of conversation `c`: messages of others above last_read_seq that are not deleted.
 * Seqs are dense, and no member has own messages above last_read_seq, so only the deleted ones must be counted (index messages_deleted).
 */
export const UNREAD_COUNT = `(c.last_seq - me.last_read_seq - (
  select count(*) from messages deleted
    where deleted.conversation_id = c.id and deleted.seq > me.last_read_seq and deleted.deleted_at is not null))::int`;

/**
 * Adds `receipt.status` and `receipt.read_at` to messages `m`: the least advanced of the other members, and when the last of them read the
 * message, which is the time of the first row at or above its seq (primary key of read_receipt_history).
 */
export const JOIN_RECEIPT = `
  cross join lateral (
    select min(other.last_read_seq) >= m.seq as is_read, min(other.last_delivered_seq) >= m.seq as is_delivered
      from members other where other.conversation_id = m.conversation_id and other.user_id <> m.sender_id
  ) reached
  left join lateral (
    select max(history.read_at) as read_at
      from members other
      cross join lateral (
        select h.read_at from read_receipt_history h
          where h.conversation_id = other.conversation_id and h.user_id = other.user_id and h.seq >= m.seq
          order by h.seq limit 1
      ) history
      where other.conversation_id = m.conversation_id and other.user_id <> m.sender_id
  ) reading on reached.is_read
  cross join lateral (
    select case when reached.is_read then 'READ' when reached.is_delivered then 'DELIVERED' else 'SENT' end as status, reading.read_at
  ) receipt`;

/** Null: the row of the member is locked. */
export const ADVANCE_READ_RECEIPT: Statement = {
  name: 'advance_read_receipt',
  text: 'select advance_read_receipt($1, $2, $3) as increased',
};

export const PUBLISH_RECEIPT_EVENTS: Statement = { name: 'publish_receipt_events', text: 'select publish_receipt_events($1) as published' };
