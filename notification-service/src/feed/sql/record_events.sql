-- The first of the two statements of the transaction that stores a batch of records (feed-store.ts); a function, so that it is one round
-- trip and its plans are kept. It stores feed rows and memberships, locks the read states that the batch may change, and returns all that
-- the rules of notifications need: which events are new, the members of their conversations, the unread notification of each member.
-- Not so for the read states of a deferred conversation, which is one with more than `large_group` members, or with pending notifications: they are changed later, in
-- the order of the log (pending-notifications.ts). Of such a conversation only the read states of users that are added or removed are locked.
-- Locking and reading are two statements: the second one has a snapshot that was taken after the locks were granted.
--
-- Each read state, and each notification, is found by its own look-up (lateral, which PostgreSQL does not turn into another join where there is a limit or a lock).
-- A join by hash would read the unread notifications of all users, and an OR of the two kinds of read states all of them; a plan that was made while
-- the tables were small would be kept.
--
-- Its statements keep their plans (plan_cache_mode): PostgreSQL takes a plan for the present lengths of the arrays for cheaper and would plan each statement
-- anew at each call, which takes as long as to run it. The plan is the same for all lengths: indexes, whatever the statistics say (enable_seqscan).
--
-- The ids of handled events are known for the retention only (retention.ts), so an older record may be a second delivery: Kafka keeps whole
-- segments longer, and a new epoch reads them again. Such a record is not recorded. Like a purged one, it moves the purge checkpoint, so that
-- a cursor before it is not recovered. Its members are stored if they are not known: they decide who sees younger events.
create or replace function record_events(
  epochs int[], partitions int[], offsets bigint[], conversations uuid[], event_ids uuid[], types text[], payloads text[],
  times timestamptz[], retention_days int,
  member_events uuid[], member_users uuid[],
  all_conversations uuid[], message_conversations uuid[], receipt_conversations uuid[], receipt_users uuid[],
  changed_conversations uuid[], changed_users uuid[], senders uuid[], large_group int
) returns json language plpgsql set enable_seqscan = off set plan_cache_mode = force_generic_plan as $$
declare
  new_events uuid[];
  deleted uuid[];
  deferred uuid[];
  -- The locked read states.
  state_conversations uuid[];
  state_users uuid[];
  state_seqs int[];
  state_mutes timestamptz[];
  oldest timestamptz := clock_timestamp() - make_interval(days => retention_days);
begin
  -- First: it locks these users, so that a deletion either comes before this batch or erases what the batch stores.
  deleted := array(select deleted_among(senders || member_users));

  with received as materialized (
    select * from unnest(epochs, partitions, offsets, conversations, event_ids, types, payloads, times)
      as r(epoch, partition, "offset", conversation_id, event_id, type, payload, occurred_at)
  ), expired as (
    insert into purge_checkpoints as c (epoch, partition, "offset")
    select r.epoch, r.partition, max(r."offset") from received r where r.occurred_at < oldest group by 1, 2 order by 1, 2
    on conflict (epoch, partition) do update set "offset" = greatest(c."offset", excluded."offset")
  ), stored as (
    insert into feed_events (epoch, partition, "offset", conversation_id, event_id, type, payload, audience_user_id)
    select r.epoch, r.partition, r."offset", r.conversation_id, r.event_id, r.type, r.payload,
      case when r.type = 'ConversationMuted' then (r.payload::json->>'userId')::uuid end
    from received r where r.occurred_at >= oldest
    on conflict (event_id) do nothing
    returning event_id
  ) select coalesce(array_agg(event_id), '{}') into new_events from stored;

  if cardinality(member_events) > 0 then
    with added as materialized (
      select r.conversation_id, m.user_id, r.epoch, r."offset", r.occurred_at < oldest as expired
      from unnest(member_events, member_users) m(event_id, user_id)
      join unnest(event_ids, conversations, epochs, offsets, times) r(event_id, conversation_id, epoch, "offset", occurred_at) using (event_id)
      where (m.event_id = any(new_events) or r.occurred_at < oldest) and m.user_id <> all(deleted)
    ), members as (
      insert into memberships (conversation_id, user_id, from_epoch, from_offset)
      select a.conversation_id, a.user_id, a.epoch, a."offset" from added a
      where not exists (
        select 1 from memberships o
        where o.conversation_id = a.conversation_id and o.user_id = a.user_id and (a.expired or o.until_epoch is null))
      on conflict do nothing
    )
    insert into read_states (conversation_id, user_id) select a.conversation_id, a.user_id from added a on conflict do nothing;
  end if;

  deferred := array(
    select c.id from (select distinct u.id from unnest(message_conversations || receipt_conversations) u(id)) c
    where exists (select 1 from pending_notifications p where p.conversation_id = c.id)
      or (select count(*) from (
        select 1 from memberships m where m.conversation_id = c.id and m.until_epoch is null limit large_group + 1) counted) > large_group);

  select array_agg(s.conversation_id), array_agg(s.user_id), array_agg(s.read_seq), array_agg(s.muted_until)
  into state_conversations, state_users, state_seqs, state_mutes
  from (
    select o.conversation_id, o.user_id from read_states o where o.conversation_id = any(message_conversations) and o.conversation_id <> all(deferred)
    union
    select r.conversation_id, r.user_id from unnest(receipt_conversations, receipt_users) r(conversation_id, user_id)
    where r.conversation_id <> all(deferred)
    union
    select r.conversation_id, r.user_id from unnest(changed_conversations, changed_users) r(conversation_id, user_id)
    order by conversation_id, user_id
  ) a
  cross join lateral (
    select l.conversation_id, l.user_id, l.read_seq, l.muted_until from read_states l
    where l.conversation_id = a.conversation_id and l.user_id = a.user_id for update
  ) s;

  return json_build_object(
    'new_events', new_events,
    'deferred_conversations', deferred,
    'members', (
      select coalesce(json_agg(json_build_array(
        m.conversation_id, m.user_id, m.from_epoch, m.from_offset, m.until_epoch, m.until_offset, m.from_seq)), '[]')
      from memberships m where m.conversation_id = any(all_conversations)),
    'read_states', (
      select coalesce(json_agg(json_build_array(s.conversation_id, s.user_id, s.read_seq,
        n.id, n.message_id, n.sender_id, n.seq, n.count, n.message, n.created_at, s.muted_until)), '[]')
      from unnest(state_conversations, state_users, state_seqs, state_mutes) s(conversation_id, user_id, read_seq, muted_until)
      left join lateral (
        select o.id, o.message_id, o.sender_id, o.seq, o.count, o.message, o.created_at from notifications o
        where o.conversation_id = s.conversation_id and o.user_id = s.user_id and o.type = 'MESSAGE' and not o.read limit 1
      ) n on true),
    'sender_names', (
      select coalesce(json_agg(json_build_array(u.user_id, u.username, u.first_name, u.last_name)), '[]')
      from users u where u.user_id = any(senders)),
    'blocks', (
      select coalesce(json_agg(json_build_array(b.user_id, b.blocked_user_id)), '[]')
      from blocks b where b.user_id = any(senders) or b.blocked_user_id = any(senders)),
    -- An event of a message has the id of the message: these messages were changed before it came.
    'changed_messages', (
      select coalesce(json_agg(json_build_array(m.message_id, m.payload)), '[]') from feed_messages m where m.message_id = any(new_events)),
    'deleted', (
      select coalesce(json_agg(json_build_array(d.user_id, d.deleted_at)), '[]') from deleted_users d where d.user_id = any(deleted))
  );
end $$;
