import type { Statement } from '../database/queries.js';

/**
 * Unread messages of member `me` of conversation `c`: messages of others above last_read_seq that are not deleted. Seqs are dense, no member has own
 * messages above last_read_seq, and unread_deleted counts the deleted ones above it, so this reads no message, however many there are.
 */
export const UNREAD_COUNT = `(c.last_seq - me.last_read_seq - me.unread_deleted)`;

/**
 * The lowest seqs of all members, once for each conversation that the query `conversationIds` returns: a page of a large group would read them for
 * each message. A statement with JOIN_RECEIPT begins with this.
 */
export const withLowestReceipts = (conversationIds: string) => `
  with lowest_receipts as materialized (
    select member.conversation_id, min(member.last_read_seq) as read_seq, min(member.last_delivered_seq) as delivered_seq
      from members member where member.conversation_id = any (array(${conversationIds})) group by member.conversation_id
  )`;

/**
 * Adds `receipt.status` and `receipt.read_at` to messages `m` of conversations `c`: the least advanced of the other members that see the message,
 * and when the last of them read it, which is the time of the first row at or above its seq (primary key of read_receipt_history).
 * The lowest seqs of all members serve for each message of a page, as its sender has read it, and later members begin above it.
 */
export const JOIN_RECEIPT = `
  left join lowest_receipts lowest on lowest.conversation_id = c.id
  cross join lateral (
    select case
        when lowest.delivered_seq < m.seq or not exists (
          select 1 from members other
            where other.conversation_id = c.id and other.user_id <> m.sender_id and other.joined_seq < m.seq) then 'SENT'
        when lowest.read_seq >= m.seq then 'READ'
        else 'DELIVERED'
      end as status
  ) reached
  left join lateral (
    select max(history.read_at) as read_at
      from members other
      cross join lateral (
        select h.read_at from read_receipt_history h
          where h.conversation_id = other.conversation_id and h.user_id = other.user_id and h.seq >= m.seq
          order by h.seq limit 1
      ) history
      where other.conversation_id = m.conversation_id and other.user_id <> m.sender_id and other.joined_seq < m.seq
  ) reading on reached.status = 'READ'
  cross join lateral (select reached.status, reading.read_at) receipt`;

/** sql/advance_receipts.sql */
export const ADVANCE_RECEIPTS: Statement = {
  name: 'advance_receipts',
  text: 'select * from advance_receipts($1, $2, $3, $4, $5)',
};

export const PUBLISH_RECEIPT_EVENTS: Statement = { name: 'publish_receipt_events', text: 'select publish_receipt_events($1) as published' };
