-- The payload of MembersChanged; p_added and p_changed_roles are arrays of { userId, role }, p_removed one of ids. The fields belong to groups.events.ts, whose unit
-- test compares this text with them.
create or replace function members_changed_payload(
  p_conversation_id uuid, p_added json, p_removed json, p_changed_roles json, p_last_seq int, p_changed_by uuid, p_changed_at text
) returns text
language sql stable as $$
  select json_build_object('conversationId', p_conversation_id, 'added', p_added, 'removed', p_removed,
    'changedRoles', p_changed_roles, 'lastSeq', p_last_seq, 'changedBy', p_changed_by, 'changedAt', p_changed_at)::text
$$;
