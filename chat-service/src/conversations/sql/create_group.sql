-- Creates a group, with its ConversationCreated in the outbox: for chat.conversation and, if p_has_membership_record, for chat.membership as well.
-- If not, publish_membership_records follows. The creator is the owner. Returns false, and creates nothing, if one of the users deleted the account.
create or replace function create_group(
  p_conversation_id uuid, p_title text, p_creator_id uuid, p_member_ids uuid[], p_event_id uuid, p_correlation_id text, p_traceparent text,
  p_has_membership_record boolean
) returns boolean
language plpgsql as $$
declare
  v_now timestamptz := date_trunc('milliseconds', clock_timestamp());
begin
  if exists (select 1 from deleted_among(p_creator_id || p_member_ids)) then return false; end if;

  insert into conversations (id, kind, title, has_membership_record, created_by, created_at)
    values (p_conversation_id, 'GROUP', p_title, p_has_membership_record, p_creator_id, v_now);
  insert into members (conversation_id, user_id, role, joined_at)
    select p_conversation_id, u.id, case when u.id = p_creator_id then 'OWNER' else 'MEMBER' end, v_now
      from unnest(p_creator_id || p_member_ids) u (id);
  insert into outbox (topic, key, type, event_id, payload, correlation_id, traceparent)
    select topic, p_conversation_id, 'ConversationCreated', p_event_id,
        conversation_created_payload(p_conversation_id, 'GROUP', p_title,
          (select json_agg(json_build_object('userId', m.user_id, 'role', m.role) order by m.user_id)
            from members m where m.conversation_id = p_conversation_id),
          p_creator_id, v_now),
        p_correlation_id, p_traceparent
      from unnest(array['chat.conversation', 'chat.membership']) topic
      where topic = 'chat.conversation' or p_has_membership_record;
  return true;
end $$;
