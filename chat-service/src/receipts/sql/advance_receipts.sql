-- Advances the receipts of members, each at most once in the list: what is read and what is delivered up to a seq, at most up to the newest message.
-- Both only increase, and what is read is delivered. Reading is added to the history of the member, and takes the deleted messages that it passes off
-- unread_deleted.
--
-- A member row is written at most once in p_interval_ms by all processes together, and each write has one event, which publish_receipt_events writes
-- to the outbox when it is due. In a group, an event of one member goes to all of them: above 2,000 deliveries a second the events of its members
-- are spaced, and an event that waits contains all that was written until it is published.
--
-- Returns one row for each item, numbered from 1: 'advanced', 'unchanged', 'early' (written less than the interval ago: try again in wait_ms), or
-- 'locked' (another transaction holds the row: it waits for none), and the seqs that were wanted; no row for a user that is not a member. Nothing
-- but 'advanced' changes anything.
create or replace function advance_receipts(
  p_conversation_ids uuid[], p_user_ids uuid[], p_read_seqs int[], p_delivered_seqs int[], p_interval_ms int
) returns table (item int, outcome text, wait_ms int, last_read_seq int, last_delivered_seq int)
language plpgsql as $$
#variable_conflict use_column
declare
  v_now timestamptz;
  -- The members whose rows this transaction has locked. The values are those of the locked rows.
  v_items int[];
  v_read_seqs int[];
  v_delivered_seqs int[];
  v_written_at timestamptz[];
  v_unread_deleted int[];
begin
  select array_agg(l.item), array_agg(l.last_read_seq), array_agg(l.last_delivered_seq), array_agg(l.receipts_written_at),
      array_agg(l.unread_deleted)
    into v_items, v_read_seqs, v_delivered_seqs, v_written_at, v_unread_deleted
    from (
      select r.item::int, m.last_read_seq, m.last_delivered_seq, m.receipts_written_at, m.unread_deleted
        from unnest(p_conversation_ids, p_user_ids) with ordinality as r (conversation_id, user_id, item)
        join members m on m.conversation_id = r.conversation_id and m.user_id = r.user_id
        for no key update of m skip locked
    ) l;
  v_now := date_trunc('milliseconds', clock_timestamp());

  return query
  with wanted as materialized (
    select l.item, p_conversation_ids[l.item] as conversation_id, p_user_ids[l.item] as user_id, l.last_read_seq, l.last_delivered_seq,
        l.unread_deleted, c.last_seq, greatest(l.last_read_seq, least(p_read_seqs[l.item], c.last_seq)) as read_seq,
        greatest(l.last_delivered_seq, least(greatest(p_read_seqs[l.item], p_delivered_seqs[l.item]), c.last_seq)) as delivered_seq,
        -- A time that has not come is of another clock, before a failover.
        case when l.written_at <= v_now then l.written_at + p_interval_ms * interval '1 millisecond' end as writable_at
      from unnest(v_items, v_read_seqs, v_delivered_seqs, v_written_at, v_unread_deleted)
        l (item, last_read_seq, last_delivered_seq, written_at, unread_deleted)
      join conversations c on c.id = p_conversation_ids[l.item]
  ),
  decided as materialized (
    select w.*, case
        when w.read_seq = w.last_read_seq and w.delivered_seq = w.last_delivered_seq then 'unchanged'
        when w.writable_at > v_now then 'early'
        else 'advanced'
      end as outcome
      from wanted w
  ),
  advanced as materialized (
    select d.* from decided d where d.outcome = 'advanced'
  ),
  written as (
    update members m set last_read_seq = a.read_seq, last_delivered_seq = a.delivered_seq, receipts_written_at = v_now,
        unread_deleted = case
          when a.unread_deleted = 0 or a.read_seq = a.last_seq then 0
          -- By the index messages_deleted. Each deleted message is passed once by each member.
          else a.unread_deleted - (
            select count(*) from messages d
              where d.conversation_id = a.conversation_id and d.seq > a.last_read_seq and d.seq <= a.read_seq and d.deleted_at is not null)
        end
      from advanced a where m.conversation_id = a.conversation_id and m.user_id = a.user_id
  ),
  history as (
    insert into read_receipt_history (conversation_id, user_id, seq, read_at)
      select a.conversation_id, a.user_id, a.read_seq, v_now from advanced a where a.read_seq > a.last_read_seq
  ),
  -- The rows of members are locked, so no other transaction inserts or deletes these rows.
  unpublished as materialized (
    select a.conversation_id, a.user_id, row_number() over (partition by a.conversation_id) as position
      from advanced a
      where not exists (select 1 from pending_receipt_events p where p.conversation_id = a.conversation_id and p.user_id = a.user_id)
  ),
  groups as materialized (
    select s.conversation_id, s.events, s.step
      from (
        select u.conversation_id, count(*) as events, receipt_event_step(u.conversation_id) as step from unpublished u group by u.conversation_id
      ) s
      where s.step > interval '0'
  ),
  spaced as (
    insert into receipt_event_spacing as s (conversation_id, next_at)
      select g.conversation_id, v_now + g.events * g.step from groups g order by g.conversation_id
      on conflict (conversation_id) do update set next_at = greatest(s.next_at, v_now) + (excluded.next_at - v_now)
      returning s.conversation_id, s.next_at
  ),
  pending as (
    insert into pending_receipt_events (conversation_id, user_id, due_at)
      select u.conversation_id, u.user_id, coalesce(s.next_at - (g.events - u.position + 1) * g.step, v_now)
        from unpublished u
        left join groups g on g.conversation_id = u.conversation_id
        left join spaced s on s.conversation_id = u.conversation_id
      on conflict do nothing
  )
  select d.item, d.outcome,
      case when d.outcome = 'early' then ceil(extract(epoch from d.writable_at - v_now) * 1000)::int else 0 end,
      d.read_seq, d.delivered_seq
    from decided d
  union all
  select r.item::int, 'locked', 0, null, null
    from unnest(p_conversation_ids, p_user_ids) with ordinality as r (conversation_id, user_id, item)
    join members m on m.conversation_id = r.conversation_id and m.user_id = r.user_id
    where cardinality(p_user_ids) > (select count(*) from wanted) and r.item <> all (coalesce(v_items, '{}'));
end $$;
