import type { SqlRunner } from '../database/index.js';

/** Creates the tables of every consumer (inbox, epochs, positions); call it in a migration of the service, and `addLastRecords` and `addInboxPurges` in later ones. */
export async function createConsumerTables(runner: SqlRunner): Promise<void> {
  await runner.query(`
    create table if not exists inbox (
      event_id uuid primary key,
      consumer_group text not null,
      handled_at timestamptz not null default now()
    )`);
  await runner.query(`
    create table if not exists consumer_epochs (
      consumer_group text not null,
      topic text not null,
      epoch int not null,
      cluster_id text not null,
      partition_count int not null,
      primary key (consumer_group, topic)
    )`);
  await runner.query(`
    create table if not exists consumer_positions (
      consumer_group text not null,
      topic text not null,
      epoch int not null,
      partition int not null,
      next_offset bigint not null,
      primary key (consumer_group, topic, epoch, partition)
    )`);
}

/**
 * Adds to each position the identity of the last record before it (see record-identity.ts); call it in a migration of the service.
 * `last_offset` is part of it: a position that was moved without its identity, by a build before, has one of an earlier offset.
 */
export async function addLastRecords(runner: SqlRunner): Promise<void> {
  await runner.query(`
    alter table consumer_positions
      add column if not exists last_offset bigint,
      add column if not exists last_event_id text,
      add column if not exists last_timestamp bigint`);
}

/** Removes what `addLastRecords` has added. */
export async function removeLastRecords(runner: SqlRunner): Promise<void> {
  await runner.query('alter table consumer_positions drop column last_offset, drop column last_event_id, drop column last_timestamp');
}

/** Adds what InboxPurge needs; call it in a migration of the service that has no transaction, so that processes of the build before can write meanwhile. */
export async function addInboxPurges(runner: SqlRunner): Promise<void> {
  // An index whose creation was interrupted stays, invalid.
  await removeInboxPurges(runner);
  await runner.query('create index concurrently inbox_handled_at on inbox (handled_at)');
  await runner.query('create table inbox_purges (consumer_group text primary key, handled_until timestamptz not null)');
}

/** Removes what `addInboxPurges` has added. */
export async function removeInboxPurges(runner: SqlRunner): Promise<void> {
  await runner.query('drop index if exists inbox_handled_at');
  await runner.query('drop table if exists inbox_purges');
}
