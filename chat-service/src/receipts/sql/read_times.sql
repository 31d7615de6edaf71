-- When the last of the other members that see a message read it, for messages of one conversation: p_seqs in ascending order, p_senders their senders.
-- A member read a message at the time of the first row of read_receipt_history at or above its seq, by the primary key. One such row is for all messages
-- up to its seq, so each member costs a look-up for each time that it read on within these messages, most often one, and not one for each message.
create or replace function read_times(p_conversation_id uuid, p_seqs int[], p_senders uuid[]) returns table (seq int, read_at timestamptz)
language plpgsql stable as $$
#variable_conflict use_column
begin
  -- A single message needs no plan for many.
  if cardinality(p_seqs) = 1 then
    return query
    select p_seqs[1], max(h.read_at)
      from members me
      cross join lateral (
        select r.read_at from read_receipt_history r
          where r.conversation_id = p_conversation_id and r.user_id = me.user_id and r.seq >= p_seqs[1]
          order by r.seq limit 1
      ) h
      where me.conversation_id = p_conversation_id and me.user_id <> p_senders[1] and me.joined_seq < p_seqs[1]
      having max(h.read_at) is not null;
    return;
  end if;

  return query
  -- A member read the messages of these indexes of p_seqs at this time. width_bucket: how many seqs are not above a number.
  with recursive readings (user_id, first_index, last_index, read_at) as (
    select me.user_id, s.first_index, width_bucket(h.seq, p_seqs), h.read_at
      from members me
      -- A member sees the messages after joined_seq.
      cross join lateral (select width_bucket(me.joined_seq, p_seqs) + 1 as first_index) s
      cross join lateral (
        select r.seq, r.read_at from read_receipt_history r
          where r.conversation_id = p_conversation_id and r.user_id = me.user_id and r.seq >= p_seqs[s.first_index]
          order by r.seq limit 1
      ) h
      where me.conversation_id = p_conversation_id
    union all
    select p.user_id, p.last_index + 1, width_bucket(h.seq, p_seqs), h.read_at
      from readings p
      cross join lateral (
        select r.seq, r.read_at from read_receipt_history r
          where r.conversation_id = p_conversation_id and r.user_id = p.user_id and r.seq >= p_seqs[p.last_index + 1]
          order by r.seq limit 1
      ) h
  ),
  -- Of those who read the same messages, only the last two can be the last other member: one of them may be the sender.
  latest as (
    select l.* from (
      select r.*, row_number() over (partition by r.first_index, r.last_index order by r.read_at desc) as rank from readings r
    ) l where l.rank <= 2
  )
  select p_seqs[i], max(l.read_at)
    from generate_subscripts(p_seqs, 1) i
    join latest l on l.first_index <= i and l.last_index >= i and l.user_id <> p_senders[i]
    group by i;
end $$;
