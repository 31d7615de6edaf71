import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The feed is an index of the log chat.conversation: one row per event, at the event's place in the log.
 * A position is (epoch, offset) within a partition; a conversation lives in one partition of an epoch.
 */
export class CreateFeed1764000000002 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table feed_events (
        epoch int not null,
        partition int not null,
        "offset" bigint not null,
        conversation_id uuid not null,
        event_id uuid not null,
        type text not null,
        -- The payload as JSON text. It is only ever passed on, never looked into, so it is not jsonb.
        payload text not null,
        recorded_at timestamptz not null default clock_timestamp(),
        primary key (epoch, partition, "offset"),
        -- A record that was published again has another offset and the same id: it is no second row.
        constraint feed_events_event_id_key unique (event_id)
      )`);
    // Replay reads by it: the conversations of one person, a window of one partition.
    await queryRunner.query('create index feed_events_conversation on feed_events (conversation_id, epoch, partition, "offset")');

    // From which event to which a user was in a conversation, both included: being added is the first event that they
    // see, being removed the last.
    await queryRunner.query(`
      create table memberships (
        conversation_id uuid not null,
        user_id uuid not null,
        from_epoch int not null,
        from_offset bigint not null,
        until_epoch int,
        until_offset bigint,
        primary key (conversation_id, user_id, from_epoch, from_offset),
        check ((until_epoch is null) = (until_offset is null))
      )`);
    await queryRunner.query('create index memberships_user on memberships (user_id, conversation_id)');

    // Live delivery has certainly reached this place; it may have gone further. See live-publisher.ts.
    await queryRunner.query(`
      create table feed_published (
        epoch int not null,
        partition int not null,
        "offset" bigint not null,
        primary key (epoch, partition)
      )`);

    // Up to this place, included, the retention has removed rows: whoever stands before it cannot be served.
    await queryRunner.query(`
      create table feed_floor (
        epoch int not null,
        partition int not null,
        "offset" bigint not null,
        primary key (epoch, partition)
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table feed_floor, feed_published, memberships, feed_events');
  }
}
