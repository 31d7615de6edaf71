-- Changes the content of a message, and keeps the earlier one in message_versions. Returns 'changed', 'unchanged' (it has this content), 'forbidden' (by
-- another user than its sender), 'deleted', 'empty' (it has no attachments, and would have no content either), 'blocked' (one of the two users has blocked the other), or an outcome of lock_message. Only 'changed' changes anything, and has an event.
create or replace function edit_message(
  p_user_id uuid, p_message_id uuid, p_content text, p_event_id uuid, p_correlation_id text, p_traceparent text
) returns text
language plpgsql as $$
declare
  v_message record;
begin
  select * into v_message from lock_message(p_user_id, p_message_id);
  if v_message.outcome is not null then return v_message.outcome; end if;
  if v_message.sender_id <> p_user_id then return 'forbidden'; end if;
  if v_message.is_deleted then return 'deleted'; end if;
  if p_content = '' and not exists (select 1 from messages m where m.id = p_message_id and m.attachments is not null) then return 'empty'; end if;
  if exists (select 1 from conversations c where c.id = v_message.conversation_id and c.is_blocked) then return 'blocked'; end if;
  if v_message.content = p_content then return 'unchanged'; end if;

  insert into message_versions (message_id, version, content, created_at)
    select m.id, coalesce((select max(v.version) from message_versions v where v.message_id = m.id), 0) + 1, m.content,
        coalesce(m.edited_at, m.created_at)
      from messages m where m.id = p_message_id;
  update messages m
    set content = p_content, edited_at = greatest(date_trunc('milliseconds', clock_timestamp()), m.edited_at, m.created_at)
    where m.id = p_message_id;
  insert into outbox (topic, key, type, event_id, payload, correlation_id, traceparent)
    values ('chat.conversation', v_message.conversation_id, 'MessageUpdated', p_event_id, message_state(p_message_id)::text,
      p_correlation_id, p_traceparent);
  return 'changed';
end $$;
