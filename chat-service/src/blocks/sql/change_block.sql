-- Blocks a user for another one, or unblocks. Returns 'changed', 'unchanged' (there is no event then), 'deleted' (one of the two deleted the account) or
-- 'too-many'. The row of their direct conversation says whether one of the two has blocked the other, so it is locked: a message that is being
-- stored comes before the block, and none after it.
create or replace function change_block(
  p_user_id uuid, p_other_id uuid, p_is_blocked boolean, p_max int, p_event_id uuid, p_correlation_id text, p_traceparent text
) returns text
language plpgsql as $$
declare
  v_now timestamptz := date_trunc('milliseconds', clock_timestamp());
begin
  if exists (select 1 from deleted_among(array[p_user_id, p_other_id])) then return 'deleted'; end if;
  perform lock_pair(p_user_id, p_other_id);

  if p_is_blocked = exists (select 1 from blocks b where b.blocker_id = p_user_id and b.blocked_id = p_other_id) then return 'unchanged'; end if;
  if p_is_blocked then
    if (select count(*) from blocks b where b.blocker_id = p_user_id) >= p_max then return 'too-many'; end if;
    insert into blocks (blocker_id, blocked_id, created_at) values (p_user_id, p_other_id, v_now);
  else
    delete from blocks b where b.blocker_id = p_user_id and b.blocked_id = p_other_id;
  end if;

  update conversations c set is_blocked = is_blocked_pair(p_user_id, p_other_id)
    where c.direct_low = least(p_user_id, p_other_id) and c.direct_high = greatest(p_user_id, p_other_id)
      and c.is_blocked <> is_blocked_pair(p_user_id, p_other_id);
  insert into outbox (topic, key, type, event_id, payload, correlation_id, traceparent)
    values ('chat.user', p_user_id, case when p_is_blocked then 'UserBlocked' else 'UserUnblocked' end, p_event_id,
      case when p_is_blocked
        then json_build_object('userId', p_user_id, 'blockedUserId', p_other_id, 'blockedAt', rfc3339(v_now))
        else json_build_object('userId', p_user_id, 'unblockedUserId', p_other_id, 'unblockedAt', rfc3339(v_now)) end,
      p_correlation_id, p_traceparent);
  return 'changed';
end $$;
