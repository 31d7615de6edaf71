import { createConsumerTables, createDeletedUsersTable, dropDeletedUsersTable } from '@chat/shared/consumer';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Tables and indexes; the functions are in feed/sql. */
export class Baseline1764000000001 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    // The positions of chat.conversation are also the end of the feed.
    await createConsumerTables(queryRunner);
    await createDeletedUsersTable(queryRunner);
    for (const create of [FEED_EVENTS, MEMBERSHIPS, CHECKPOINTS, USERS, READ_STATES, NOTIFICATIONS]) await queryRunner.query(create);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      'drop table notifications, read_states, users, purge_checkpoints, publish_checkpoints, memberships, feed_events',
    );
    await dropDeletedUsersTable(queryRunner);
    await queryRunner.query('drop table inbox, consumer_positions, consumer_epochs');
  }
}

/**
 * The feed is an index of the log chat.conversation: one row per event, at the event's position in the log. A position is (epoch, offset)
 * within a partition; a conversation belongs to one partition of an epoch.
 */
const FEED_EVENTS = `
  create table feed_events (
    epoch int not null,
    partition int not null,
    "offset" bigint not null,
    conversation_id uuid not null,
    event_id uuid not null,
    type text not null,
    -- The payload as JSON text. It is only passed on, never searched by its fields, so it is not jsonb.
    payload text not null,
    recorded_at timestamptz not null default clock_timestamp(),
    primary key (epoch, partition, "offset"),
    -- A record that was published again has another offset and the same id: it adds no row.
    constraint feed_events_event_id_key unique (event_id)
  );
  -- For the replay: the conversations of one user, a window of one partition.
  create index feed_events_conversation on feed_events (conversation_id, epoch, partition, "offset")`;

/** The first and the last event, both included, between which a user was a member: being added is the first that the user sees. */
const MEMBERSHIPS = `
  create table memberships (
    conversation_id uuid not null,
    user_id uuid not null,
    from_epoch int not null,
    from_offset bigint not null,
    until_epoch int,
    until_offset bigint,
    primary key (conversation_id, user_id, from_epoch, from_offset),
    check ((until_epoch is null) = (until_offset is null))
  );
  create index memberships_user on memberships (user_id, conversation_id)`;

const CHECKPOINTS = `
  -- All events up to here, included, are published live; later ones may be, too. See live-publisher.ts.
  create table publish_checkpoints (
    epoch int not null,
    partition int not null,
    "offset" bigint not null,
    primary key (epoch, partition)
  );
  -- All events up to here, included, are purged: a replay from an earlier position is impossible.
  create table purge_checkpoints (
    epoch int not null,
    partition int not null,
    "offset" bigint not null,
    primary key (epoch, partition)
  )`;

const USERS = `
  create table users (
    user_id uuid primary key,
    username text not null,
    first_name text,
    last_name text,
    -- The time from which the names are valid; an older event changes nothing.
    named_at timestamptz not null
  )`;

/** This row is the lock of all notifications of (conversation, user): a transaction that changes one takes it first. */
const READ_STATES = `
  create table read_states (
    conversation_id uuid not null,
    user_id uuid not null,
    -- Up to this seq the member needs no notification: the member read the messages, or sent a later one.
    read_seq int not null default 0,
    primary key (conversation_id, user_id)
  )`;

const NOTIFICATIONS = `
  create table notifications (
    id uuid primary key,
    user_id uuid not null,
    type text not null,
    conversation_id uuid,
    message_id uuid,
    sender_id uuid,
    -- Of the newest message in it, as are message_id, sender_id, message and created_at.
    seq int,
    count int,
    message text not null,
    read boolean not null,
    created_at timestamptz not null,
    -- Of notifications that are about no message.
    title text,
    data jsonb,
    constraint notifications_complete check (
      case when type = 'MESSAGE' then num_nulls(conversation_id, message_id, sender_id, seq, count) = 0 else title is not null end)
  );
  -- The unread messages of a conversation are one notification.
  create unique index notifications_unread_message on notifications (conversation_id, user_id) where type = 'MESSAGE' and not read;
  create index notifications_newest on notifications (user_id, created_at desc, id desc);
  create index notifications_unread on notifications (user_id, created_at desc, id desc) where not read`;
