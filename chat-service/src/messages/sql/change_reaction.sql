-- Adds or removes the reaction of a user to a message. Returns 'changed', 'unchanged' (it is there, or is not there), 'deleted' (the message is a
-- tombstone), 'too-many' (the message has p_max_emojis other emojis), 'blocked' (one of the two users has blocked the other, and it would be added), or an outcome of lock_message. Only 'changed' changes anything, and has an event.
create or replace function change_reaction(
  p_user_id uuid, p_message_id uuid, p_emoji text, p_is_added boolean, p_max_emojis int,
  p_event_id uuid, p_correlation_id text, p_traceparent text
) returns text
language plpgsql as $$
declare
  v_message record;
begin
  select * into v_message from lock_message(p_user_id, p_message_id);
  if v_message.outcome is not null then return v_message.outcome; end if;
  if v_message.is_deleted then return 'deleted'; end if;

  if p_is_added then
    if exists (select 1 from conversations c where c.id = v_message.conversation_id and c.is_blocked) then return 'blocked'; end if;
    if (select count(*) >= p_max_emojis and count(*) filter (where c.emoji = p_emoji) = 0
          from message_reaction_counts c where c.message_id = p_message_id) then
      return 'too-many';
    end if;
    insert into message_reactions (message_id, user_id, emoji) values (p_message_id, p_user_id, p_emoji) on conflict do nothing;
  else
    delete from message_reactions r where r.message_id = p_message_id and r.user_id = p_user_id and r.emoji = p_emoji;
  end if;
  if not found then return 'unchanged'; end if;

  insert into outbox (topic, key, type, event_id, payload, correlation_id, traceparent)
    values ('chat.conversation', v_message.conversation_id, 'ReactionsChanged', p_event_id,
      (message_state(p_message_id) || jsonb_build_object('changedBy', p_user_id, 'changedAt', rfc3339(clock_timestamp())))::text,
      p_correlation_id, p_traceparent);
  return 'changed';
end $$;
