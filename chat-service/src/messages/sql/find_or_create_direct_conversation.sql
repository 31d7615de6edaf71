-- Returns the direct conversation of two users: the existing one, or a new one with its ConversationCreated in the outbox: for chat.conversation and,
-- if p_has_membership_record, in the same statement for chat.membership. If not, publish_membership_records follows.
-- Null when there is none and one of the users deleted the account, or has blocked the other.
-- Of several concurrent transactions one creates it; the others wait for its commit and then find it. They wait a moment only, as a batch of
-- messages may wait with them.
create or replace function find_or_create_direct_conversation(
  p_creator_id uuid, p_other_id uuid, p_conversation_id uuid, p_event_id uuid, p_correlation_id text, p_traceparent text,
  p_has_membership_record boolean
) returns uuid
language plpgsql set lock_timeout = '20ms' as $$
declare
  v_low uuid := least(p_creator_id, p_other_id);
  v_high uuid := greatest(p_creator_id, p_other_id);
  v_now timestamptz := date_trunc('milliseconds', clock_timestamp());
  v_id uuid;
begin
  if exists (select 1 from deleted_among(array[v_low, v_high])) then
    return (select c.id from conversations c where c.direct_low = v_low and c.direct_high = v_high);
  end if;

  select c.id into v_id from conversations c where c.direct_low = v_low and c.direct_high = v_high;
  if found then return v_id; end if;
  perform lock_pair(v_low, v_high);
  if is_blocked_pair(v_low, v_high) then return null; end if;

  insert into conversations (id, kind, direct_low, direct_high, has_membership_record, created_by, created_at)
    values (p_conversation_id, 'DIRECT', v_low, v_high, p_has_membership_record, p_creator_id, v_now)
    on conflict (direct_low, direct_high) do nothing;
  if not found then
    return (select c.id from conversations c where c.direct_low = v_low and c.direct_high = v_high);
  end if;

  insert into members (conversation_id, user_id, role, joined_at)
    values (p_conversation_id, v_low, 'MEMBER', v_now), (p_conversation_id, v_high, 'MEMBER', v_now);
  insert into outbox (topic, key, type, event_id, payload, correlation_id, traceparent)
    select topic, p_conversation_id, 'ConversationCreated', p_event_id,
        conversation_created_payload(p_conversation_id, 'DIRECT', null,
          json_build_array(json_build_object('userId', v_low, 'role', 'MEMBER'), json_build_object('userId', v_high, 'role', 'MEMBER')),
          p_creator_id, v_now),
        p_correlation_id, p_traceparent
      from unnest(array['chat.conversation', 'chat.membership']) topic
      where topic = 'chat.conversation' or p_has_membership_record;
  return p_conversation_id;
end $$;
