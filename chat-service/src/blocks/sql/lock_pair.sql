-- Until the transaction ends, no other one blocks or unblocks one of these users for the other, or creates their direct conversation.
create or replace function lock_pair(p_user_id uuid, p_other_id uuid) returns void
language sql as $$
  select pg_advisory_xact_lock(hashtextextended(
    'pair of ' || current_schema() || least(p_user_id, p_other_id)::text || greatest(p_user_id, p_other_id)::text, 0))
$$;
