-- Writes the pending receipt events that are due to the outbox: one event for each member, for all increases since the last one. Returns how many.
-- It locks the member row before it deletes the pending row, as every function that inserts one does, so no increase is lost in between.
-- It skips members that another transaction has locked, whatever their number; they are left for the next call, so it never waits.
-- The seqs in an event are committed, so their MessageCreated rows have lower outbox ids.
create or replace function publish_receipt_events(p_limit int) returns int
language sql as $$
  with locked as materialized (
    select m.conversation_id, m.user_id, m.last_read_seq, m.last_delivered_seq
      from pending_receipt_events p join members m on m.conversation_id = p.conversation_id and m.user_id = p.user_id
      where p.due_at <= now() order by p.due_at
      limit p_limit for no key update of m skip locked
  ),
  taken as (
    delete from pending_receipt_events u using locked l
      where u.conversation_id = l.conversation_id and u.user_id = l.user_id
      returning l.*
  ),
  published as (
    insert into outbox (topic, key, type, event_id, payload)
      select 'chat.conversation', t.conversation_id, 'ReceiptsAdvanced', gen_random_uuid(),
          json_build_object('conversationId', t.conversation_id, 'userId', t.user_id, 'lastReadSeq', t.last_read_seq,
            'lastDeliveredSeq', t.last_delivered_seq, 'advancedAt', rfc3339(clock_timestamp()))
        from taken t
      returning 1
  )
  select count(*)::int from published
$$;
