-- Stores the present state of messages that were changed, and takes the text out of their events: every event of such a message has its id, and replays
-- show the message from feed_messages. The event of the message itself is found by its id, which is that of the message, at the first change; that of
-- a build before has another id, and is searched for in its conversation, if the feed can still have it.
-- The user_ids are the texts of arrays.
create or replace function save_messages(
  message_ids uuid[], conversations uuid[], senders uuid[], times timestamptz[], payloads text[], user_ids text[], deletions boolean[],
  change_events uuid[], changed_messages uuid[], retention_days int
) returns void language plpgsql set enable_seqscan = off set plan_cache_mode = force_generic_plan as $$
declare
  first_changes uuid[];
  found_messages uuid[];
begin
  update feed_events f set message_id = c.message_id
  from unnest(change_events, changed_messages) c(event_id, message_id) where f.event_id = c.event_id;

  with saved as (
    insert into feed_messages as m (message_id, conversation_id, sender_id, payload, user_ids, is_deleted)
    select r.message_id, r.conversation_id, r.sender_id, r.payload, r.users::uuid[], r.is_deleted
    from unnest(message_ids, conversations, senders, payloads, user_ids, deletions) r(message_id, conversation_id, sender_id, payload, users, is_deleted)
    order by r.message_id
    on conflict (message_id) do update
      set payload = excluded.payload, user_ids = excluded.user_ids, is_deleted = excluded.is_deleted, changed_at = clock_timestamp()
    returning m.message_id, m.xmax = 0 as is_first
  ) select coalesce(array_agg(s.message_id), '{}') into first_changes from saved s where s.is_first;

  with moved as (
    update feed_events f set message_id = f.event_id, payload = without_text(f.payload)
    where f.event_id = any(first_changes) and f.type = 'MessageCreated' returning f.event_id
  ) select coalesce(array_agg(m.event_id), '{}') into found_messages from moved m;

  update feed_events f set message_id = r.message_id, payload = without_text(f.payload)
  from unnest(message_ids, conversations, times) r(message_id, conversation_id, created_at)
  where r.message_id = any(first_changes) and r.message_id <> all(found_messages)
    and r.created_at > clock_timestamp() - make_interval(days => retention_days + 1)
    and f.conversation_id = r.conversation_id and f.type = 'MessageCreated' and strpos(f.payload, '"messageId":"' || r.message_id || '"') > 0;
end $$;
