import type { TopicName } from '../events/index.js';
import type { PartitionPosition, SqlRunner } from './received-event.js';

/**
 * Where each consumer group stands, in the consumer's own schema, so that a position moves in the same transaction as the effect.
 *
 * A position moves by compare-and-set: a process that was cut off and comes back cannot write over its successor.
 * An epoch is one log: another cluster, another number of partitions, or a log that ends before the stored position begins a new epoch,
 * and every position starts again at the beginning of the log. The inbox keeps what was handled already from being handled again.
 */

/** Somebody else moved the position, or the log began anew: read the position again, nothing was stored. */
export class PositionConflictError extends Error {
  override readonly name = 'PositionConflictError';

  constructor() {
    super('the position was moved by another process');
  }
}

/** The tables of every consumer; call it from a migration of the service. */
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

/** Rows of a query, whichever driver ran it. */
export function rowsOf<T>(result: unknown): T[] {
  if (Array.isArray(result)) return result as T[];
  return (result as { rows: T[] }).rows;
}

/** Moves the positions of a group, all or none: throws PositionConflictError when one of them is not where it is expected. */
export async function storePositions(runner: SqlRunner, group: string, positions: PartitionPosition[]): Promise<void> {
  if (positions.length === 0) return;
  const result = await runner.query(
    `with moved as (
       update consumer_positions p set next_offset = m.next_offset
         from unnest($2::text[], $3::int[], $4::int[], $5::bigint[], $6::bigint[]) as m(topic, epoch, partition, next_offset, expected_offset)
        where p.consumer_group = $1 and p.topic = m.topic and p.epoch = m.epoch and p.partition = m.partition and p.next_offset = m.expected_offset
          and exists (select 1 from consumer_epochs e where e.consumer_group = $1 and e.topic = m.topic and e.epoch = m.epoch)
       returning 1)
     select count(*)::int as moved from moved`,
    [
      group,
      positions.map((p) => p.topic),
      positions.map((p) => p.epoch),
      positions.map((p) => p.partition),
      positions.map((p) => p.nextOffset),
      positions.map((p) => p.expectedOffset),
    ],
  );
  if (rowsOf<{ moved: number }>(result)[0]?.moved !== positions.length) throw new PositionConflictError();
}

/** Kafka says that the log ends before the stored position. A broker that has just come back may say so for a moment: ask again. */
export class LogEndsEarlierError extends Error {
  override readonly name = 'LogEndsEarlierError';
}

/** What Kafka says of a topic's log now. */
export interface LogState {
  clusterId: string;
  /** Index = partition. */
  partitions: { firstOffset: number; endOffset: number }[];
}

export interface StartingPoint {
  epoch: number;
  partition: number;
  /** As stored; 0 for a partition that was never read. */
  nextOffset: number;
}

/**
 * Where a group goes on in some partitions of a topic. Makes the rows that are missing, and begins a new epoch when the stored one
 * belongs to another log; throws LogEndsEarlierError unless the caller is sure of the end. Safe to be called by several processes at once.
 */
export async function startingPoints(
  runner: SqlRunner,
  group: string,
  topic: TopicName,
  partitions: number[],
  log: LogState,
  { isSureOfEnd = false } = {},
): Promise<{ points: StartingPoint[]; beganEpoch: string | null }> {
  let beganEpoch: string | null = null;
  await runner.query(
    `insert into consumer_epochs (consumer_group, topic, epoch, cluster_id, partition_count) values ($1, $2, 1, $3, $4) on conflict do nothing`,
    [group, topic, log.clusterId, log.partitions.length],
  );
  for (;;) {
    const [known] = rowsOf<{ epoch: number; cluster_id: string; partition_count: number }>(
      await runner.query(`select epoch, cluster_id, partition_count from consumer_epochs where consumer_group = $1 and topic = $2`, [
        group,
        topic,
      ]),
    );
    if (!known) throw new Error(`the epoch of ${group} on ${topic} has gone`);
    await runner.query(
      `insert into consumer_positions (consumer_group, topic, epoch, partition, next_offset)
       select $1, $2, $3, partition, 0 from unnest($4::int[]) partition on conflict do nothing`,
      [group, topic, known.epoch, partitions],
    );
    const points = rowsOf<{ partition: number; next_offset: string }>(
      await runner.query(
        `select partition, next_offset from consumer_positions
          where consumer_group = $1 and topic = $2 and epoch = $3 and partition = any($4::int[]) order by partition`,
        [group, topic, known.epoch, partitions],
      ),
    ).map((row) => ({ epoch: known.epoch, partition: row.partition, nextOffset: Number(row.next_offset) }));
    const reason = whyAnotherLog(known, log);
    const endsEarlier = whyTooShort(points, log);
    if (!reason && !endsEarlier) return { points, beganEpoch };
    if (!reason && !isSureOfEnd) throw new LogEndsEarlierError(`${topic}: ${endsEarlier}`);
    // Only one of several processes that see this gets to write; all of them read the result.
    await runner.query(
      `update consumer_epochs set epoch = epoch + 1, cluster_id = $4, partition_count = $5 where consumer_group = $1 and topic = $2 and epoch = $3`,
      [group, topic, known.epoch, log.clusterId, log.partitions.length],
    );
    beganEpoch = reason ?? endsEarlier;
  }
}

function whyAnotherLog(known: { cluster_id: string; partition_count: number }, log: LogState): string | null {
  if (known.cluster_id !== log.clusterId) return 'another Kafka cluster';
  if (known.partition_count !== log.partitions.length) return `${log.partitions.length} partitions instead of ${known.partition_count}`;
  return null;
}

function whyTooShort(points: StartingPoint[], log: LogState): string | null {
  const past = points.find((point) => point.nextOffset > (log.partitions[point.partition]?.endOffset ?? 0));
  return past ? `partition ${past.partition} ends before position ${past.nextOffset}` : null;
}
