-- Begins to change the pending notifications of a conversation, in the transaction of the calling code: locks the read states of its members, and returns
-- the oldest pending events, at most max_events, with all that the rules of notifications need. Null if there is nothing to do, or another transaction does it.
--
-- The texts are read after the locks were granted, as the deletion of a user empties texts in the feed first, and previews under these locks last: so either
-- no text of the user is read here, or it is emptied afterwards.
create or replace function pending_notifications_of(conversation uuid, max_events int)
returns json language plpgsql set enable_seqscan = off set plan_cache_mode = force_generic_plan as $$
declare
  event_epochs int[];
  event_partitions int[];
  event_offsets bigint[];
  kinds text[];
  users uuid[];
  concerns_all boolean;
  -- The locked read states.
  state_users uuid[];
  state_seqs int[];
  state_mutes timestamptz[];
  events json;
  senders uuid[];
begin
  if not pg_try_advisory_xact_lock(hashtextextended('pending notifications of ' || current_schema() || conversation, 0)) then
    return null;
  end if;
  select array_agg(p.epoch), array_agg(p.partition), array_agg(p."offset"), array_agg(p.kind), array_agg(p.user_id), bool_or(p.user_id is null)
  into event_epochs, event_partitions, event_offsets, kinds, users, concerns_all
  from (
    select * from pending_notifications o where o.conversation_id = conversation order by o.epoch, o."offset" limit max_events
  ) p;
  if event_epochs is null then
    return null;
  end if;

  select array_agg(s.user_id), array_agg(s.read_seq), array_agg(s.muted_until) into state_users, state_seqs, state_mutes
  from (
    select l.user_id, l.read_seq, l.muted_until from read_states l
    where l.conversation_id = conversation and (concerns_all or l.user_id = any(users)) order by l.user_id for update
  ) s;

  select json_agg(json_build_array(e.epoch, e."offset", e.kind, e.payload) order by e.row_number),
    coalesce(array_agg(distinct (e.payload::json->>'senderId')::uuid) filter (where e.kind in ('message', 'deleted')), '{}')
  into events, senders
  from (
    select p.epoch, p."offset", p.kind, p.row_number,
      coalesce((select m.payload from feed_messages m where m.message_id = f.message_id), f.payload) as payload
    from unnest(event_epochs, event_partitions, event_offsets, kinds) with ordinality p(epoch, partition, "offset", kind, row_number)
    left join feed_events f on f.epoch = p.epoch and f.partition = p.partition and f."offset" = p."offset"
  ) e;

  return json_build_object(
    'events', events,
    'members', case when concerns_all then (
      select coalesce(json_agg(json_build_array(
        m.conversation_id, m.user_id, m.from_epoch, m.from_offset, m.until_epoch, m.until_offset, m.from_seq)), '[]')
      from memberships m where m.conversation_id = conversation) else '[]' end,
    'read_states', (
      select coalesce(json_agg(json_build_array(conversation, s.user_id, s.read_seq,
        n.id, n.message_id, n.sender_id, n.seq, n.count, n.message, n.created_at, s.muted_until)), '[]')
      from unnest(state_users, state_seqs, state_mutes) s(user_id, read_seq, muted_until)
      left join lateral (
        select o.id, o.message_id, o.sender_id, o.seq, o.count, o.message, o.created_at from notifications o
        where o.conversation_id = conversation and o.user_id = s.user_id and o.type = 'MESSAGE' and not o.read limit 1
      ) n on true),
    'sender_names', (
      select coalesce(json_agg(json_build_array(u.user_id, u.username, u.first_name, u.last_name)), '[]')
      from users u where u.user_id = any(senders)),
    'blocks', (
      select coalesce(json_agg(json_build_array(b.user_id, b.blocked_user_id)), '[]')
      from blocks b where b.user_id = any(senders) or b.blocked_user_id = any(senders)));
end $$;
