import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ReplayFeed1764000000005 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    // Where the feed stands: what the consumer has committed. No row before the log was ever seen.
    await queryRunner.query(`
      create function feed_head(reading_group text, feed_topic text, out epoch int, out head bigint[])
      returns setof record language sql stable as $$
        select e.epoch, (
          select array_agg(coalesce(c.next_offset - 1, -1) order by p)
          from generate_series(0, e.partition_count - 1) p
          left join consumer_positions c
            on c.consumer_group = reading_group and c.topic = feed_topic and c.epoch = e.epoch and c.partition = p)
        from consumer_epochs e
        where e.consumer_group = reading_group and e.topic = feed_topic
        order by e.epoch desc limit 1
      $$`);

    // One page of what a reader may see. STABLE is part of the logic: head, floor, memberships and events are then all
    // read from the one snapshot of the calling statement, so "reached = head" means that nothing is left.
    //
    // Rows are looked for window by window: a range of offsets that is small enough to be gathered and sorted, and grows
    // while it finds little. Asked for everything that is left, PostgreSQL gathers and sorts it for every page. Within a
    // window each conversation is one look into the index feed_events_conversation: written like this there is no other
    // plan, whatever the statistics say.
    // A page ends at its number of events, at its number of characters, or after so many windows that a reader of few
    // conversations in a long feed still gets an answer in time; it may then be empty without being the last.
    await queryRunner.query(`
      create function replay_feed(
        reading_group text, feed_topic text, reader uuid, at_epoch int, at_offsets bigint[], max_events int,
        out epoch int, out head bigint[], out recovered boolean, out reached bigint[], out events text)
      returns setof record language plpgsql stable set enable_seqscan = off as $$
      #variable_conflict use_column
      declare
        characters_left int := 1048576;
        windows_left int := 32;
        width bigint;
        upto bigint;
        part int;
        found_events int;
        taken int;
        last_taken bigint;
        taken_characters bigint;
        chunk text;
      begin
        select h.epoch, h.head into epoch, head from feed_head(reading_group, feed_topic) h;
        if not found then return; end if;

        recovered := at_epoch = replay_feed.epoch and cardinality(at_offsets) = cardinality(replay_feed.head) and not exists (
          select 1 from generate_subscripts(at_offsets, 1) i
          left join feed_floor f on f.epoch = at_epoch and f.partition = i - 1
          where at_offsets[i] < coalesce(f."offset", -1) or at_offsets[i] > replay_feed.head[i]);
        events := '';
        if not recovered then
          reached := head;
          return next;
          return;
        end if;

        reached := at_offsets;

        for i in 1 .. cardinality(head) loop
          width := greatest(2 * max_events, 256);
          part := i - 1;
          while reached[i] < head[i] and max_events > 0 and characters_left > 0 and windows_left > 0 loop
            upto := least(reached[i] + width, head[i]);
            select count(*), count(*) filter (where s.fits), max(s."offset") filter (where s.fits),
              sum(length(s.payload)) filter (where s.fits),
              string_agg(format('{"epoch":%s,"partition":%s,"offset":%s,"type":"%s","eventId":"%s","conversationId":"%s","payload":%s}',
                s.epoch, s.partition, s."offset", s.type, s.event_id, s.conversation_id, s.payload), ',' order by s."offset")
                filter (where s.fits)
            into found_events, taken, last_taken, taken_characters, chunk
            from (
              select v.*, sum(length(v.payload)) over (order by v."offset") - length(v.payload) < characters_left as fits
              from (
                select f.* from memberships m cross join lateral (
                  select f.* from feed_events f
                  where (f.conversation_id, f.epoch, f.partition, f."offset") > (m.conversation_id, at_epoch, part, reached[i])
                    and (f.conversation_id, f.epoch, f.partition, f."offset") <= (m.conversation_id, at_epoch, part, upto)
                    and (f.epoch, f."offset") >= (m.from_epoch, m.from_offset)
                    and (m.until_epoch is null or (f.epoch, f."offset") <= (m.until_epoch, m.until_offset))
                  order by f.conversation_id, f.epoch, f.partition, f."offset" limit max_events
                ) f
                where m.user_id = reader
                order by f."offset" limit max_events
              ) v
            ) s;
            if taken > 0 then
              events := case when events = '' then chunk else events || ',' || chunk end;
              max_events := max_events - taken;
              characters_left := characters_left - taken_characters;
            end if;
            reached[i] := case when taken < found_events or max_events = 0 then last_taken else upto end;
            windows_left := windows_left - 1;
            width := least(width * 2, 32768);
          end loop;
        end loop;
        return next;
      end $$`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop function replay_feed, feed_head');
  }
}
