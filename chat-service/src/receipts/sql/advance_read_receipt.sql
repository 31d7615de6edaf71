-- Marks a conversation as read up to a seq, at most up to its newest one; last_read_seq only increases. Returns whether it increased.
-- An increase always includes messages of others, as senders have read up to their own newest message already.
-- It waits for no lock of another transaction: it returns null, and has changed nothing, while the row of the member is locked.
create or replace function advance_read_receipt(p_conversation_id uuid, p_user_id uuid, p_seq int) returns boolean
language plpgsql as $$
declare
  v_seq int;
begin
  perform 1 from members m where m.conversation_id = p_conversation_id and m.user_id = p_user_id for no key update skip locked;
  if not found then
    return case when exists (select 1 from members m where m.conversation_id = p_conversation_id and m.user_id = p_user_id) then null else false end;
  end if;

  update members m set last_read_seq = least(p_seq, c.last_seq), last_delivered_seq = greatest(m.last_delivered_seq, least(p_seq, c.last_seq))
    from conversations c
    where c.id = p_conversation_id and m.conversation_id = c.id and m.user_id = p_user_id and m.last_read_seq < least(p_seq, c.last_seq)
    returning m.last_read_seq into v_seq;
  if not found then return false; end if;

  insert into read_receipt_history (conversation_id, user_id, seq, read_at)
    values (p_conversation_id, p_user_id, v_seq, date_trunc('milliseconds', clock_timestamp()));
  insert into pending_receipt_events (conversation_id, user_id) values (p_conversation_id, p_user_id) on conflict do nothing;
  return true;
end $$;
