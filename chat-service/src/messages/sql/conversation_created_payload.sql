-- The payload of ConversationCreated; `p_members` is an array of { userId, role }.
create or replace function conversation_created_payload(
  p_conversation_id uuid, p_kind text, p_title text, p_members json, p_created_by uuid, p_created_at timestamptz
) returns text
language sql stable as $$
  select json_build_object('conversationId', p_conversation_id, 'kind', p_kind, 'title', p_title, 'members', p_members,
    'createdBy', p_created_by, 'createdAt', rfc3339(p_created_at))::text
$$;
