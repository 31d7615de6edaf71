import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The two statements of the transaction that stores a batch of records (feed-recorder.ts).
 * They are functions so that each is one round trip and its plans are kept.
 */
export class RecordEvents1764000000004 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    // Stores feed rows and memberships, locks the read states that the batch may change, and answers with all that the
    // rules need: which events are new, who is in their conversations, what each reader has open.
    // The lock and the reading are two statements: the second has a snapshot taken after the locks were granted.
    await queryRunner.query(`
      create function record_events(
        epochs int[], partitions int[], offsets bigint[], conversations uuid[], event_ids uuid[], types text[], payloads text[],
        member_events uuid[], member_users uuid[],
        all_conversations uuid[], message_conversations uuid[], reader_conversations uuid[], reader_users uuid[], senders uuid[]
      ) returns json language plpgsql set enable_seqscan = off as $$
      declare
        fresh uuid[];
      begin
        with stored as (
          insert into feed_events (epoch, partition, "offset", conversation_id, event_id, type, payload)
          select * from unnest(epochs, partitions, offsets, conversations, event_ids, types, payloads)
          on conflict (event_id) do nothing
          returning event_id
        ) select coalesce(array_agg(event_id), '{}') into fresh from stored;

        if cardinality(member_events) > 0 then
          insert into memberships (conversation_id, user_id, from_epoch, from_offset)
          select f.conversation_id, m.user_id, f.epoch, f."offset"
          from unnest(member_events, member_users) m(event_id, user_id) join feed_events f on f.event_id = m.event_id
          where m.event_id = any(fresh) and not exists (
            select 1 from memberships o
            where o.conversation_id = f.conversation_id and o.user_id = m.user_id and o.until_epoch is null)
          on conflict do nothing;

          insert into read_states (conversation_id, user_id)
          select f.conversation_id, m.user_id
          from unnest(member_events, member_users) m(event_id, user_id) join feed_events f on f.event_id = m.event_id
          where m.event_id = any(fresh)
          on conflict do nothing;
        end if;

        perform 1 from read_states s
        where s.conversation_id = any(message_conversations)
          or (s.conversation_id = any(reader_conversations) and s.user_id = any(reader_users))
        order by s.conversation_id, s.user_id for update;

        return json_build_object(
          'fresh', fresh,
          'members', (
            select coalesce(json_agg(json_build_array(
              m.conversation_id, m.user_id, m.from_epoch, m.from_offset, m.until_epoch, m.until_offset)), '[]')
            from memberships m where m.conversation_id = any(all_conversations)),
          'readers', (
            select coalesce(json_agg(json_build_array(s.conversation_id, s.user_id, s.read_seq,
              n.id, n.message_id, n.sender_id, n.seq, n.count, n.message, n.created_at)), '[]')
            from read_states s
            left join notifications n
              on n.conversation_id = s.conversation_id and n.user_id = s.user_id and n.type = 'MESSAGE' and not n.read
            where s.conversation_id = any(message_conversations)
              or (s.conversation_id = any(reader_conversations) and s.user_id = any(reader_users))),
          'people', (
            select coalesce(json_agg(json_build_array(p.user_id, p.username, p.first_name, p.last_name)), '[]')
            from people p where p.user_id = any(senders))
        );
      end $$`);

    // Writes what the rules decided. The rows come in the order in which they came about: an open notification is read
    // before the next one of the same reader is opened, so the unique index on open ones holds at every row.
    await queryRunner.query(`
      create function save_notifications(
        ids uuid[], users uuid[], conversations uuid[], messages uuid[], senders uuid[], seqs int[], counts int[], texts text[],
        reads boolean[], times timestamptz[],
        state_conversations uuid[], state_users uuid[], state_seqs int[]
      ) returns void language plpgsql set enable_seqscan = off as $$
      begin
        update read_states s set read_seq = r.seq
        from unnest(state_conversations, state_users, state_seqs) r(conversation_id, user_id, seq)
        where s.conversation_id = r.conversation_id and s.user_id = r.user_id and s.read_seq < r.seq;

        insert into notifications (id, user_id, type, conversation_id, message_id, sender_id, seq, count, message, read, created_at)
        select r.id, r.user_id, 'MESSAGE', r.conversation_id, r.message_id, r.sender_id, r.seq, r.count, r.message, r.read, r.created_at
        from unnest(ids, users, conversations, messages, senders, seqs, counts, texts, reads, times) with ordinality
          as r(id, user_id, conversation_id, message_id, sender_id, seq, count, message, read, created_at, place)
        order by r.place
        on conflict (id) do update set message_id = excluded.message_id, sender_id = excluded.sender_id, seq = excluded.seq,
          count = excluded.count, message = excluded.message, read = excluded.read, created_at = excluded.created_at;
      end $$`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop function save_notifications, record_events');
  }
}
