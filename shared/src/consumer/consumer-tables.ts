import type { SqlRunner } from '../database/index.js';

/** Creates the tables of every consumer (inbox, epochs, positions); call it in a migration of the service. */
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
