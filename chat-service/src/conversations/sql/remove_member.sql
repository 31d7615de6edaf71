-- Removes a member of a group, with all that belongs to the membership, and publishes it. Call it under the lock of the conversation. When the last
-- owner goes, the longest-standing admin becomes owner, or without one the longest-standing member. Users whose deletion is in progress are not
-- members any more. When no member is left, the picture is released. Returns the new owner, or null.
create or replace function remove_member(
  p_conversation_id uuid, p_user_id uuid, p_removed_by uuid, p_event_id uuid, p_correlation_id text, p_traceparent text
) returns uuid
language plpgsql as $$
declare
  v_role text;
  v_owner_id uuid;
begin
  -- From here on no receipt of the member is published.
  delete from members m where m.conversation_id = p_conversation_id and m.user_id = p_user_id returning m.role into v_role;
  if not found then return null; end if;
  delete from pending_receipt_events p where p.conversation_id = p_conversation_id and p.user_id = p_user_id;
  delete from read_receipt_history h where h.conversation_id = p_conversation_id and h.user_id = p_user_id;

  if not exists (select 1 from members m where m.conversation_id = p_conversation_id) then
    with released as (
      delete from attachments a using conversations c where c.id = p_conversation_id and a.upload_id = c.picture_id returning a.upload_id)
    insert into released_uploads (upload_id) select r.upload_id from released r on conflict do nothing;
    update conversations c set picture_id = null where c.id = p_conversation_id and c.picture_id is not null;
  end if;

  if v_role = 'OWNER' and not exists (
    select 1 from members o
      where o.conversation_id = p_conversation_id and o.role = 'OWNER' and o.user_id not in (select d.user_id from user_deletions d)) then
    update members o set role = 'OWNER'
      where o.conversation_id = p_conversation_id and o.user_id = (
        select m.user_id from members m
          where m.conversation_id = p_conversation_id and m.user_id not in (select d.user_id from user_deletions d)
          order by m.role <> 'ADMIN', m.joined_at, m.user_id limit 1)
      returning o.user_id into v_owner_id;
  end if;

  perform publish_members_changed(
    p_conversation_id, '[]', array[p_user_id],
    case when v_owner_id is null then '[]' else json_build_array(json_build_object('userId', v_owner_id, 'role', 'OWNER')) end,
    p_removed_by, p_event_id, p_correlation_id, p_traceparent);
  return v_owner_id;
end $$;
