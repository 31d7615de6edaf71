/**
 * Unread messages of member `me` of conversation `c`: others' messages above last_read_seq that are not deleted.
 * Seqs are dense, and nobody has own messages above the own last_read_seq, so all that is left to count is the deleted ones
 * (index messages_deleted).
 */
export const UNREAD_COUNT = `(c.last_seq - me.last_read_seq - (
  select count(*) from messages gone
    where gone.conversation_id = c.id and gone.seq > me.last_read_seq and gone.deleted_at is not null))::int`;

/**
 * Adds `receipt.status` and `receipt.read_at` to messages `m`: the least advanced of the other members, and when the last
 * of them read it, which is the time of the first step at or above its seq (primary key of receipt_steps).
 */
export const JOIN_RECEIPT = `
  cross join lateral (
    select min(other.last_read_seq) >= m.seq as is_read, min(other.last_delivered_seq) >= m.seq as is_delivered
      from members other where other.conversation_id = m.conversation_id and other.user_id <> m.sender_id
  ) reached
  left join lateral (
    select max(step.read_at) as read_at
      from members other
      cross join lateral (
        select s.read_at from receipt_steps s
          where s.conversation_id = other.conversation_id and s.user_id = other.user_id and s.seq >= m.seq
          order by s.seq limit 1
      ) step
      where other.conversation_id = m.conversation_id and other.user_id <> m.sender_id
  ) reading on reached.is_read
  cross join lateral (
    select case when reached.is_read then 'READ' when reached.is_delivered then 'DELIVERED' else 'SENT' end as status, reading.read_at
  ) receipt`;
