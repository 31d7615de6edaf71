import type { Statement } from '../database/queries.js';

/**
 * Unread messages of member `me` of conversation `c`: messages of others above last_read_seq that are not deleted. Seqs are dense, no member has own
 * messages above last_read_seq, and unread_deleted counts the deleted ones above it, so this reads no message, however many there are.
 */
export const UNREAD_COUNT = `(c.last_seq - me.last_read_seq - me.unread_deleted)`;

/**
 * Tables for JOIN_RECEIPT, of the messages in the table `page`: the lowest seqs of all members and the latest seq of joining, once for each conversation, and when the messages that all
 * have read were read (sql/read_times.sql). A page of a large group would read its members for each message otherwise.
 */
export const RECEIPTS_OF_PAGE = `
  lowest_receipts as materialized (
    select member.conversation_id, min(member.last_read_seq) as read_seq, min(member.last_delivered_seq) as delivered_seq,
        max(member.joined_seq) as latest_joined_seq
      from members member where member.conversation_id = any (array(select distinct p.conversation_id from page p)) group by member.conversation_id
  ),
  read_messages as materialized (
    select g.conversation_id, t.seq, t.read_at
      from (
        select p.conversation_id, array_agg(p.seq order by p.seq) as seqs, array_agg(p.sender_id order by p.seq) as senders
          from page p join lowest_receipts l on l.conversation_id = p.conversation_id and l.read_seq >= p.seq
          group by p.conversation_id
      ) g
      cross join lateral read_times(g.conversation_id, g.seqs, g.senders) t
  )`;

/**
 * Adds `receipt.status` and `receipt.read_at` to messages `m` of conversations `c`: the least advanced of the other members that see the message,
 * and when the last of them read it. The lowest seqs of all members serve for each message of a page, as its sender has read it, and later members begin above it.
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
  left join read_messages reading on reading.conversation_id = m.conversation_id and reading.seq = m.seq
  cross join lateral (select reached.status, case when reached.status = 'READ' then reading.read_at end as read_at) receipt`;

/** sql/advance_receipts.sql */
export const ADVANCE_RECEIPTS: Statement = {
  name: 'advance_receipts',
  text: 'select * from advance_receipts($1, $2, $3, $4, $5)',
};

export const PUBLISH_RECEIPT_EVENTS: Statement = { name: 'publish_receipt_events', text: 'select publish_receipt_events($1) as published' };
