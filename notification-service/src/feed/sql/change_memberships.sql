-- Applies changes of members, in the order of the log, after record_events has stored their events and locked the read states. Returns the
-- memberships of the conversations, the members that were added or removed, and their read states.
--
-- A removed member keeps nothing of the conversation but the membership, whose last event is this one: read state and notifications are deleted. An
-- added member has a new membership, whose first event is this one, and needs no notification of the messages up to last_seq.
--
-- An event that is not new was applied before, unless it is older than the retention (see record_events). Such a one only rebuilds the memberships
-- of a feed that is made anew: it changes no membership that is known from an earlier epoch.
create or replace function change_memberships(
  epochs int[], offsets bigint[], conversations uuid[], times timestamptz[], last_seqs int[], are_new boolean[], retention_days int,
  added_changes int[], added_users uuid[], removed_changes int[], removed_users uuid[]
) returns json language plpgsql set enable_seqscan = off as $$
declare
  oldest timestamptz := clock_timestamp() - make_interval(days => retention_days);
  added uuid[];
  removed uuid[];
  -- Conversation and user, each.
  changed text[] := '{}';
begin
  for i in 1 .. cardinality(conversations) loop
    continue when not are_new[i] and times[i] >= oldest;
    added := array(select a.user_id from unnest(added_changes, added_users) a(change, user_id) where a.change = i);

    with ended as (
      update memberships m set until_epoch = epochs[i], until_offset = offsets[i]
      where m.conversation_id = conversations[i] and m.until_epoch is null and (m.from_epoch, m.from_offset) < (epochs[i], offsets[i])
        and m.user_id in (select r.user_id from unnest(removed_changes, removed_users) r(change, user_id) where r.change = i)
        and (are_new[i] or m.from_epoch = epochs[i])
      returning m.user_id
    ) select coalesce(array_agg(e.user_id), '{}') into removed from ended e;
    delete from read_states s where s.conversation_id = conversations[i] and s.user_id = any(removed);
    delete from notifications n where n.user_id = any(removed) and n.conversation_id = conversations[i];

    with inserted as (
      insert into memberships (conversation_id, user_id, from_epoch, from_offset, from_seq)
      select conversations[i], u, epochs[i], offsets[i], last_seqs[i] from unnest(added) u
      where not exists (
        select 1 from memberships o
        where o.conversation_id = conversations[i] and o.user_id = u
          and (o.until_epoch is null or (not are_new[i] and o.from_epoch < epochs[i])))
      on conflict do nothing
      returning user_id
    ) select coalesce(array_agg(n.user_id), '{}') into added from inserted n;
    insert into read_states as s (conversation_id, user_id, read_seq) select conversations[i], u, last_seqs[i] from unnest(added) u
    on conflict (conversation_id, user_id) do update set read_seq = greatest(s.read_seq, excluded.read_seq);
    changed := changed || array(select conversations[i]::text || u from unnest(removed || added) u);
  end loop;

  return json_build_object(
    'members', (
      select coalesce(json_agg(json_build_array(
        m.conversation_id, m.user_id, m.from_epoch, m.from_offset, m.until_epoch, m.until_offset, m.from_seq)), '[]')
      from memberships m where m.conversation_id = any(conversations)),
    'changed', changed,
    'read_states', (
      select coalesce(json_agg(json_build_array(s.conversation_id, s.user_id, s.read_seq)), '[]')
      from read_states s where s.conversation_id = any(conversations) and s.conversation_id::text || s.user_id = any(changed)));
end $$;
