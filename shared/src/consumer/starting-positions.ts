import { rowsOf, type SqlRunner } from '../database/index.js';
import type { TopicName } from '../events/index.js';
import type { LogState } from './log-reader.js';
import type { RecordIdentity } from './record-identity.js';

/** 2026-01-01T00:00:00Z in seconds since 1970. */
const FIRST_EPOCH_SECONDS = 1_767_225_600;
/**
 * Epochs begin with the seconds since 2026, by the clock of the database: a cursor that was written before the schema was made anew never
 * names an epoch of the new one. As int they suffice until 2094.
 */
const EPOCH_NOW = `greatest(1, extract(epoch from clock_timestamp())::bigint - ${FIRST_EPOCH_SECONDS})::int`;

/** Kafka reports that the log ends before the stored position. A broker that has just restarted may report so for a moment: ask it again. */
export class LogEndsEarlierError extends Error {
  override readonly name = 'LogEndsEarlierError';
}

/** The stored position of a group in one partition. */
export interface StartingPosition {
  epoch: number;
  partition: number;
  /** 0 for a partition that was never read. */
  nextOffset: number;
  /** The record before it; null when it was never read, or stored by a build that did not store it. */
  lastRecord: RecordIdentity | null;
}

/** What shows that the log of an epoch was replaced: a partition without the record that it had at an offset. */
export interface LogReplacement {
  epoch: number;
  partition: number;
  offset: number;
  reason: string;
}

interface PositionRow {
  partition: number;
  next_offset: string;
  last_offset: string | null;
  last_event_id: string | null;
  last_timestamp: string | null;
}

interface StoredEpoch {
  epoch: number;
  cluster_id: string;
  partition_count: number;
}

/**
 * The positions from which a group continues in some partitions of a topic. Creates missing rows, and begins a new epoch when the stored one
 * belongs to another log, as `replacement` may show; `newEpochReason` says why. Rejects with LogEndsEarlierError unless `trustsEnd`. Several
 * processes may call it at the same time.
 */
export async function startingPositions(
  runner: SqlRunner,
  group: string,
  topic: TopicName,
  partitions: number[],
  log: LogState,
  { trustsEnd = false, replacement = null }: { trustsEnd?: boolean; replacement?: LogReplacement | null } = {},
): Promise<{ positions: StartingPosition[]; newEpochReason: string | null }> {
  let newEpochReason: string | null = null;
  await runner.query(
    `insert into consumer_epochs (consumer_group, topic, epoch, cluster_id, partition_count) values ($1, $2, ${EPOCH_NOW}, $3, $4) on conflict do nothing`,
    [group, topic, log.clusterId, log.partitions.length],
  );
  for (;;) {
    const stored = await readEpoch(runner, group, topic);
    const positions = await readPositions(runner, group, topic, stored.epoch, partitions);
    const replaced = findLogReplacement(stored, log, replacement);
    const truncated = findLogTruncation(positions, log);
    if (!replaced && !truncated) return { positions, newEpochReason };
    if (!replaced && !trustsEnd) throw new LogEndsEarlierError(`${topic}: ${truncated}`);
    // Of several processes that see this, only one updates the row; all of them read the result.
    await runner.query(
      `update consumer_epochs set epoch = greatest(epoch + 1, ${EPOCH_NOW}), cluster_id = $4, partition_count = $5 where consumer_group = $1 and topic = $2 and epoch = $3`,
      [group, topic, stored.epoch, log.clusterId, log.partitions.length],
    );
    newEpochReason = replaced ?? truncated;
  }
}

async function readEpoch(runner: SqlRunner, group: string, topic: TopicName): Promise<StoredEpoch> {
  const [stored] = rowsOf<StoredEpoch>(
    await runner.query(`select epoch, cluster_id, partition_count from consumer_epochs where consumer_group = $1 and topic = $2`, [
      group,
      topic,
    ]),
  );
  if (!stored) throw new Error(`the epoch of ${group} on ${topic} was deleted`);
  return stored;
}

async function readPositions(
  runner: SqlRunner,
  group: string,
  topic: TopicName,
  epoch: number,
  partitions: number[],
): Promise<StartingPosition[]> {
  await runner.query(
    `insert into consumer_positions (consumer_group, topic, epoch, partition, next_offset)
     select $1, $2, $3, partition, 0 from unnest($4::int[]) partition on conflict do nothing`,
    [group, topic, epoch, partitions],
  );
  const rows = rowsOf<PositionRow>(
    await runner.query(
      `select partition, next_offset, last_offset, last_event_id, last_timestamp from consumer_positions
        where consumer_group = $1 and topic = $2 and epoch = $3 and partition = any($4::int[]) order by partition`,
      [group, topic, epoch, partitions],
    ),
  );
  return rows.map((row) => ({ epoch, partition: row.partition, nextOffset: Number(row.next_offset), lastRecord: lastRecordOf(row) }));
}

/** A build that does not know these columns moves the position and leaves them as they are. */
function lastRecordOf({ next_offset, last_offset, last_event_id: eventId, last_timestamp }: PositionRow): RecordIdentity | null {
  const offset = last_offset === null ? null : Number(last_offset);
  if (offset === null || offset !== Number(next_offset) - 1) return null;
  return { offset, eventId, timestamp: Number(last_timestamp) };
}

function findLogReplacement(stored: StoredEpoch, log: LogState, replacement: LogReplacement | null): string | null {
  if (stored.cluster_id !== log.clusterId) return 'another Kafka cluster';
  if (stored.partition_count !== log.partitions.length) return `${log.partitions.length} partitions instead of ${stored.partition_count}`;
  // Retention may have deleted the record since then: then it shows nothing.
  if (replacement?.epoch === stored.epoch && log.partitions[replacement.partition]!.firstOffset <= replacement.offset)
    return `partition ${replacement.partition}: ${replacement.reason}`;
  return null;
}

function findLogTruncation(positions: StartingPosition[], log: LogState): string | null {
  const past = positions.find(({ partition, nextOffset }) => nextOffset > (log.partitions[partition]?.endOffset ?? 0));
  return past ? `partition ${past.partition} ends before position ${past.nextOffset}` : null;
}
