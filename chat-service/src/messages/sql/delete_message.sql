-- Makes a message a tombstone: seq, sender, times and client_message_id remain. Returns 'changed', 'unchanged' (it is one), 'forbidden' (it is of another
-- user, and the role in the group is none of p_roles), or an outcome of lock_message. Only 'changed' changes anything, and has an event.
create or replace function delete_message(
  p_user_id uuid, p_message_id uuid, p_roles text[], p_event_id uuid, p_correlation_id text, p_traceparent text
) returns text
language plpgsql as $$
declare
  v_message record;
begin
  select * into v_message from lock_message(p_user_id, p_message_id);
  if v_message.outcome is not null then return v_message.outcome; end if;
  if v_message.sender_id <> p_user_id and (v_message.kind <> 'GROUP' or v_message.role <> all (p_roles)) then return 'forbidden'; end if;
  if v_message.is_deleted then return 'unchanged'; end if;

  update messages m
    set content = '', reply_to_id = null, mentions = null, attachments = null, edited_at = null,
        deleted_at = greatest(date_trunc('milliseconds', clock_timestamp()), m.edited_at, m.created_at)
    where m.id = p_message_id;
  perform delete_message_details(array[p_message_id]);
  insert into outbox (topic, key, type, event_id, payload, correlation_id, traceparent)
    select 'chat.conversation', m.conversation_id, 'MessageDeleted', p_event_id,
        (message_state(m.id) || jsonb_build_object('deletedBy', p_user_id, 'deletedAt', rfc3339(m.deleted_at)))::text, p_correlation_id, p_traceparent
      from messages m where m.id = p_message_id;
  return 'changed';
end $$;
