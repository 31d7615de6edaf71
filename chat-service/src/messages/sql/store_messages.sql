-- Stores many messages without attachments in one transaction: store_message for arrays, item by item in their order.
--
-- It waits for no lock of another transaction, and so never in a deadlock: the messages of a sender in a conversation of which another
-- transaction has locked a row are left out, all of them, with the outcome 'locked'. The others are stored.
--
-- Returns one row for each item, numbered from 1; an item without a row has no such conversation, or its sender is not a member.
-- The mentions of an item are the text of an array, or null. One key must not be in a batch twice.
-- The outbox rows are in the order of the items: within a conversation, in the order of seq.
create or replace function store_messages(
  p_conversation_ids uuid[], p_sender_ids uuid[], p_client_message_ids text[], p_message_ids uuid[], p_contents text[],
  p_reply_to_ids uuid[], p_mentions text[], p_event_ids uuid[], p_correlation_ids text[], p_traceparents text[]
) returns table (item int, outcome text, message_id uuid, conversation_id uuid, seq int, receiver_id uuid, sent_at text)
language plpgsql as $$
#variable_conflict use_column
declare
  v_now timestamptz;
  -- One entry for each sender of a conversation whose rows this transaction has locked. The values are those of the locked rows.
  v_conversation_ids uuid[];
  v_sender_ids uuid[];
  v_receiver_ids uuid[];
  v_last_seqs int[];
  v_last_times timestamptz[];
  v_closed boolean[];
  v_blocked boolean[];
  v_last_read_seqs int[];
  v_deleted boolean[];
begin
  -- is_deleted: the deletion of one of the users has not come to this conversation yet. One that is recorded after this statement has begun
  -- comes to it after this transaction, and replaces what this stores.
  -- Each sender of a conversation once: all messages of the sender there have the same outcome, so none overtakes another.
  select array_agg(l.conversation_id), array_agg(l.sender_id), array_agg(l.receiver_id), array_agg(l.last_seq), array_agg(l.last_message_at),
      array_agg(l.is_closed), array_agg(l.is_blocked), array_agg(l.last_read_seq), array_agg(l.is_deleted)
    into v_conversation_ids, v_sender_ids, v_receiver_ids, v_last_seqs, v_last_times, v_closed, v_blocked, v_last_read_seqs, v_deleted
    from (
      select m.conversation_id, m.user_id as sender_id, case when c.direct_low = m.user_id then c.direct_high else c.direct_low end as receiver_id,
          c.last_seq, c.last_message_at, c.is_closed, c.is_blocked, m.last_read_seq,
          exists (select 1 from user_deletions d where d.user_id in (m.user_id, c.direct_low, c.direct_high)) as is_deleted
        from (select distinct d.conversation_id, d.sender_id from unnest(p_conversation_ids, p_sender_ids) d (conversation_id, sender_id)) r
        join conversations c on c.id = r.conversation_id
        join members m on m.conversation_id = r.conversation_id and m.user_id = r.sender_id
        for no key update of c, m skip locked
    ) l;
  v_now := date_trunc('milliseconds', clock_timestamp());

  return query
  with request as materialized (
    select r.conversation_id, r.sender_id, r.client_message_id, r.message_id, r.content, r.reply_to_id, r.mentions::uuid[] as mentions,
        r.event_id, r.correlation_id, r.traceparent, r.item
      from unnest(p_conversation_ids, p_sender_ids, p_client_message_ids, p_message_ids, p_contents,
        p_reply_to_ids, p_mentions, p_event_ids, p_correlation_ids, p_traceparents)
      with ordinality as r (conversation_id, sender_id, client_message_id, message_id, content, reply_to_id, mentions,
        event_id, correlation_id, traceparent, item)
  ),
  allowed as materialized (
    select r.*, l.last_seq, greatest(v_now, l.last_message_at) as now, l.last_read_seq, l.receiver_id,
        case
          when l.is_closed or l.is_deleted then 'closed'
          when l.is_blocked then 'blocked'
          when r.reply_to_id is not null
            and not exists (
              select 1 from messages t join members s on s.conversation_id = t.conversation_id and s.user_id = r.sender_id
                where t.id = r.reply_to_id and t.conversation_id = r.conversation_id and t.seq > s.joined_seq) then 'no-reply-target'
          when r.mentions is not null and (
            select count(*) from members m where m.conversation_id = r.conversation_id and m.user_id = any (r.mentions)) < cardinality(r.mentions)
            then 'no-such-member'
        end as refusal
      from request r
      join unnest(v_conversation_ids, v_sender_ids, v_receiver_ids, v_last_seqs, v_last_times, v_closed, v_blocked, v_last_read_seqs, v_deleted)
        l (conversation_id, sender_id, receiver_id, last_seq, last_message_at, is_closed, is_blocked, last_read_seq, is_deleted)
        on l.conversation_id = r.conversation_id and l.sender_id = r.sender_id
      -- In a group, a deleted user is not a member.
      where l.receiver_id is not null or not l.is_deleted
  ),
  prior as materialized (
    select a.item, p.id, p.conversation_id, p.conversation_id = a.conversation_id and is_same_send(p, a.content, a.reply_to_id, a.mentions, null) as same
      from allowed a join messages p on p.sender_id = a.sender_id and p.client_message_id = a.client_message_id
  ),
  fresh as materialized (
    select a.*, rfc3339(a.now) as sent_at, (a.last_seq + row_number() over (partition by a.conversation_id order by a.item))::int as seq
      from allowed a where a.refusal is null and not exists (select 1 from prior p where p.item = a.item)
  ),
  numbered as (
    update conversations c set last_seq = t.top, last_message_at = t.now
      from (select f.conversation_id, max(f.seq) as top, max(f.now) as now from fresh f group by f.conversation_id) t
      where c.id = t.conversation_id
  ),
  stored as (
    insert into messages (id, conversation_id, seq, sender_id, client_message_id, content, created_at, reply_to_id, mentions)
      select f.message_id, f.conversation_id, f.seq, f.sender_id, f.client_message_id, f.content, f.now, f.reply_to_id, f.mentions from fresh f
  ),
  -- Sending marks everything before as read. That includes messages of others when the increase is longer than the sender's own messages.
  read_up_to as materialized (
    select f.conversation_id, f.sender_id, max(f.seq) as top, max(f.now) as now, max(f.seq) - max(f.last_read_seq) > count(*) as read_others
      from fresh f group by f.conversation_id, f.sender_id
  ),
  advanced as (
    update members m set last_read_seq = r.top, last_delivered_seq = r.top, unread_deleted = 0
      from read_up_to r where m.conversation_id = r.conversation_id and m.user_id = r.sender_id
      returning m.conversation_id, m.user_id, r.read_others
  ),
  history as (
    insert into read_receipt_history (conversation_id, user_id, seq, read_at)
      select r.conversation_id, r.sender_id, r.top, r.now from read_up_to r where r.read_others
  ),
  -- It selects from what was advanced, so it runs under the lock of the member row. PostgreSQL may run statements that do not read each other in
  -- any order: without the lock, publish_receipt_events could delete the row before it can see the new seqs.
  unpublished as materialized (
    select a.conversation_id, a.user_id, row_number() over (partition by a.conversation_id) as position
      from advanced a
      where a.read_others
        and not exists (select 1 from pending_receipt_events p where p.conversation_id = a.conversation_id and p.user_id = a.user_id)
  ),
  -- Of large groups, which have such a row after their first receipt: see advance_receipts. A row that another transaction has locked is not waited for.
  spacing as materialized (
    select s.conversation_id, greatest(s.next_at, now()) as next_at, receipt_event_step(s.conversation_id) as step
      from receipt_event_spacing s where s.conversation_id in (select u.conversation_id from unpublished u) for no key update skip locked
  ),
  spaced as (
    update receipt_event_spacing s
      set next_at = g.next_at + g.step * (select count(*) from unpublished u where u.conversation_id = g.conversation_id)
      from spacing g where s.conversation_id = g.conversation_id
  ),
  pending as (
    insert into pending_receipt_events (conversation_id, user_id, due_at)
      select u.conversation_id, u.user_id, coalesce(g.next_at + (u.position - 1) * g.step, now())
        from unpublished u left join spacing g on g.conversation_id = u.conversation_id
      on conflict do nothing
  ),
  published as (
    insert into outbox (topic, key, type, event_id, payload, correlation_id, traceparent)
      select 'chat.conversation', f.conversation_id, 'MessageCreated', f.event_id,
          message_created_payload(f.message_id, f.conversation_id, f.seq, f.sender_id, f.receiver_id, f.content, f.client_message_id, f.sent_at,
            f.reply_to_id, coalesce(f.mentions, '{}')),
          f.correlation_id, f.traceparent
        from fresh f order by f.item
  )
  select f.item::int, 'stored', f.message_id, f.conversation_id, f.seq, f.receiver_id, f.sent_at from fresh f
  union all
  select p.item::int, case when p.same then 'repeated' else 'conflict' end, p.id, p.conversation_id, null, null, null from prior p
  union all
  select a.item::int, a.refusal, null, a.conversation_id, null, null, null from allowed a
    where a.refusal is not null and not exists (select 1 from prior p where p.item = a.item)
  union all
  -- Members whose rows could not be locked.
  select r.item::int, 'locked', null, r.conversation_id, null, null, null
    from request r join members m on m.conversation_id = r.conversation_id and m.user_id = r.sender_id
    where cardinality(p_conversation_ids) > (select count(*) from allowed)
      and not exists (
        select 1 from unnest(v_conversation_ids, v_sender_ids) l (conversation_id, sender_id)
          where l.conversation_id = r.conversation_id and l.sender_id = r.sender_id);
end $$;
