-- One page of the events that a user may see. STABLE is part of the logic: the end of the feed, purge checkpoints, memberships and events
-- are then all read from the one snapshot of the calling statement, so "reached = end_offsets" means that no event is left.
--
-- A user sees the events of the present memberships from their beginning on, and of each former one only the event that ended it: what a removed
-- member may not read any more is not replayed. A change of a message from before joining is not shown either.
--
-- Rows are searched window by window: a range of offsets that is small enough to be collected and sorted, and grows while it contains few
-- events. Without windows PostgreSQL would collect and sort all remaining rows for every page. A window has two plans, and the one with
-- fewer look-ups is taken: one scan of the index feed_events_conversation for each conversation, or, for a user of more conversations than
-- the window has offsets, one look-up of the membership for each row. Written like this there is no other plan, whatever the statistics say.
-- A page ends at its number of events, at its number of characters, or after so many windows or look-ups that a user of few conversations in
-- a long feed, or of very many, still gets an answer in time; it may then be empty without being the last.
-- An event of a message that was changed since shows it as it is now (feed/message-states.ts).
create or replace function replay_feed(
  consuming_group text, feed_topic text, for_user uuid, at_epoch int, at_offsets bigint[], max_events int,
  out epoch int, out end_offsets bigint[], out recovered boolean, out reached bigint[], out events text)
returns setof record language plpgsql stable set enable_seqscan = off as $$
#variable_conflict use_column
declare
  characters_left int := 1048576;
  windows_left int := 32;
  lookups_left bigint := 30000;
  conversations bigint;
  by_conversation boolean;
  width bigint;
  upto bigint;
  part int;
  found_events int;
  taken int;
  last_taken bigint;
  taken_characters bigint;
  chunk text;
begin
  select f.epoch, f.end_offsets into epoch, end_offsets from feed_end(consuming_group, feed_topic) f;
  if not found then return; end if;

  recovered := at_epoch = replay_feed.epoch and cardinality(at_offsets) = cardinality(replay_feed.end_offsets) and not exists (
    select 1 from generate_subscripts(at_offsets, 1) i
    left join purge_checkpoints c on c.epoch = at_epoch and c.partition = i - 1
    where at_offsets[i] < coalesce(c."offset", -1) or at_offsets[i] > replay_feed.end_offsets[i]);
  events := '';
  if not recovered then
    reached := end_offsets;
    return next;
    return;
  end if;

  reached := at_offsets;
  -- More than the widest window has offsets is never compared.
  select count(*) into conversations from (select 1 from memberships m where m.user_id = for_user limit 32769) m;

  for i in 1 .. cardinality(end_offsets) loop
    width := greatest(2 * max_events, 256);
    part := i - 1;
    while reached[i] < end_offsets[i] and max_events > 0 and characters_left > 0 and windows_left > 0 and lookups_left > 0 loop
      upto := least(reached[i] + width, end_offsets[i]);
      if least(conversations, upto - reached[i]) > lookups_left then upto := reached[i] + lookups_left; end if;
      by_conversation := conversations <= upto - reached[i];
      select count(*), count(*) filter (where s.fits), max(s."offset") filter (where s.fits),
        sum(length(s.payload)) filter (where s.fits),
        string_agg(format('{"epoch":%s,"partition":%s,"offset":%s,"type":"%s","eventId":"%s","conversationId":"%s","payload":%s}',
          s.epoch, s.partition, s."offset", s.type, s.event_id, s.conversation_id, s.payload), ',' order by s."offset")
          filter (where s.fits)
      into found_events, taken, last_taken, taken_characters, chunk
      from (
        select v.epoch, v.partition, v."offset", v.type, v.event_id, v.conversation_id, v.payload,
          sum(length(v.payload)) over (order by v."offset") - length(v.payload) < characters_left as fits
        from (
          select r.epoch, r.partition, r."offset", r.type, r.event_id, r.conversation_id,
            coalesce((select m.payload from feed_messages m where m.message_id = r.message_id), r.payload) as payload
          from (
          (select f.* from memberships m cross join lateral (
            select f.* from feed_events f
            where (f.conversation_id, f.epoch, f.partition, f."offset") > (m.conversation_id, at_epoch, part, reached[i])
              and (f.conversation_id, f.epoch, f.partition, f."offset") <= (m.conversation_id, at_epoch, part, upto)
              and (f.audience_user_id is null or f.audience_user_id = for_user)
              and case when m.until_epoch is null then (f.epoch, f."offset") >= (m.from_epoch, m.from_offset)
                else (f.epoch, f."offset") = (m.until_epoch, m.until_offset) end
              and is_after_joining(f.type, f.payload, m.from_seq)
            order by f.conversation_id, f.epoch, f.partition, f."offset" limit max_events
          ) f
          where by_conversation and m.user_id = for_user
          order by f."offset" limit max_events)
          union all
          (select f.* from feed_events f cross join lateral (
            select 1 from memberships m
            where m.user_id = for_user and m.conversation_id = f.conversation_id
              and case when m.until_epoch is null then (f.epoch, f."offset") >= (m.from_epoch, m.from_offset)
                else (f.epoch, f."offset") = (m.until_epoch, m.until_offset) end
              and is_after_joining(f.type, f.payload, m.from_seq)
            limit 1
          ) m
          where not by_conversation and f.epoch = at_epoch and f.partition = part and f."offset" > reached[i] and f."offset" <= upto
            and (f.audience_user_id is null or f.audience_user_id = for_user)
          order by f."offset" limit max_events)
          ) r offset 0
        ) v
      ) s;
      if taken > 0 then
        events := case when events = '' then chunk else events || ',' || chunk end;
        max_events := max_events - taken;
        characters_left := characters_left - taken_characters;
      end if;
      lookups_left := lookups_left - least(conversations, upto - reached[i]);
      reached[i] := case when taken < found_events or max_events = 0 then last_taken else upto end;
      windows_left := windows_left - 1;
      width := least(width * 2, 32768);
    end loop;
  end loop;
  return next;
end $$;
