-- The second statement of the transaction that stores a batch: writes what the rules of notifications decided.
-- The rows come in the order in which they were created: an unread notification is marked as read before the next one of the same member is
-- inserted, so the unique index notifications_unread_message holds at every row.
create or replace function save_notifications(
  ids uuid[], users uuid[], conversations uuid[], messages uuid[], senders uuid[], seqs int[], counts int[], texts text[],
  reads boolean[], times timestamptz[],
  state_conversations uuid[], state_users uuid[], state_seqs int[]
) returns void language plpgsql set enable_seqscan = off set plan_cache_mode = force_generic_plan as $$
begin
  update read_states s set read_seq = r.seq
  from unnest(state_conversations, state_users, state_seqs) r(conversation_id, user_id, seq)
  where s.conversation_id = r.conversation_id and s.user_id = r.user_id and s.read_seq < r.seq;

  insert into notifications (id, user_id, type, conversation_id, message_id, sender_id, seq, count, message, read, created_at)
  select r.id, r.user_id, 'MESSAGE', r.conversation_id, r.message_id, r.sender_id, r.seq, r.count, r.message, r.read, r.created_at
  from unnest(ids, users, conversations, messages, senders, seqs, counts, texts, reads, times) with ordinality
    as r(id, user_id, conversation_id, message_id, sender_id, seq, count, message, read, created_at, row_number)
  order by r.row_number
  on conflict (id) do update set message_id = excluded.message_id, sender_id = excluded.sender_id, seq = excluded.seq,
    count = excluded.count, message = excluded.message, read = excluded.read, created_at = excluded.created_at;
end $$;
