-- Mutes a conversation for a member until a time, or with null unmutes it. Returns 'changed', 'unchanged' (there is no event then), or null for a
-- user that is not a member. It locks the conversation, so that the event comes in the order of the messages that it concerns.
create or replace function mute_conversation(
  p_conversation_id uuid, p_user_id uuid, p_until timestamptz, p_event_id uuid, p_correlation_id text, p_traceparent text
) returns text
language plpgsql as $$
declare
  v_now timestamptz := date_trunc('milliseconds', clock_timestamp());
  v_current timestamptz;
begin
  select case when m.muted_until > v_now then m.muted_until end into v_current
    from conversations c join members m on m.conversation_id = c.id and m.user_id = p_user_id
    where c.id = p_conversation_id for no key update of c, m;
  if not found then return null; end if;
  if v_current is not distinct from p_until then return 'unchanged'; end if;

  update members m set muted_until = p_until where m.conversation_id = p_conversation_id and m.user_id = p_user_id;
  insert into outbox (topic, key, type, event_id, payload, correlation_id, traceparent)
    values ('chat.conversation', p_conversation_id, 'ConversationMuted', p_event_id,
      json_build_object('conversationId', p_conversation_id, 'userId', p_user_id, 'mutedUntil', rfc3339(p_until), 'mutedAt', rfc3339(v_now)),
      p_correlation_id, p_traceparent);
  return 'changed';
end $$;
