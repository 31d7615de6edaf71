-- Whether one of these users has blocked the other.
create or replace function is_blocked_pair(p_user_id uuid, p_other_id uuid) returns boolean
language sql stable as $$
  select exists (select 1 from blocks b where b.blocker_id = p_user_id and b.blocked_id = p_other_id)
    or exists (select 1 from blocks b where b.blocker_id = p_other_id and b.blocked_id = p_user_id)
$$;
