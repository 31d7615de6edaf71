import { rowsOf, type SqlRunner } from '../database/index.js';
import type { TopicName } from '../events/index.js';
import type { LogState } from './log-reader.js';

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
}

interface StoredEpoch {
  epoch: number;
  cluster_id: string;
  partition_count: number;
}

/**
 * The positions from which a group continues in some partitions of a topic. Creates missing rows, and begins a new epoch when the stored one
 * belongs to another log; `newEpochReason` says why. Rejects with LogEndsEarlierError unless `trustsEnd`. Several processes may call it at
 * the same time.
 */
export async function startingPositions(
  runner: SqlRunner,
  group: string,
  topic: TopicName,
  partitions: number[],
  log: LogState,
  { trustsEnd = false } = {},
): Promise<{ positions: StartingPosition[]; newEpochReason: string | null }> {
  let newEpochReason: string | null = null;
  await runner.query(
    `insert into consumer_epochs (consumer_group, topic, epoch, cluster_id, partition_count) values ($1, $2, 1, $3, $4) on conflict do nothing`,
    [group, topic, log.clusterId, log.partitions.length],
  );
  for (;;) {
    const stored = await readEpoch(runner, group, topic);
    const positions = await readPositions(runner, group, topic, stored.epoch, partitions);
    const replaced = findLogReplacement(stored, log);
    const truncated = findLogTruncation(positions, log);
    if (!replaced && !truncated) return { positions, newEpochReason };
    if (!replaced && !trustsEnd) throw new LogEndsEarlierError(`${topic}: ${truncated}`);
    // Of several processes that see this, only one updates the row; all of them read the result.
    await runner.query(
      `update consumer_epochs set epoch = epoch + 1, cluster_id = $4, partition_count = $5 where consumer_group = $1 and topic = $2 and epoch = $3`,
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
  const rows = rowsOf<{ partition: number; next_offset: string }>(
    await runner.query(
      `select partition, next_offset from consumer_positions
        where consumer_group = $1 and topic = $2 and epoch = $3 and partition = any($4::int[]) order by partition`,
      [group, topic, epoch, partitions],
    ),
  );
  return rows.map((row) => ({ epoch, partition: row.partition, nextOffset: Number(row.next_offset) }));
}

function findLogReplacement(stored: StoredEpoch, log: LogState): string | null {
  if (stored.cluster_id !== log.clusterId) return 'another Kafka cluster';
  if (stored.partition_count !== log.partitions.length) return `${log.partitions.length} partitions instead of ${stored.partition_count}`;
  return null;
}

function findLogTruncation(positions: StartingPosition[], log: LogState): string | null {
  const past = positions.find(({ partition, nextOffset }) => nextOffset > (log.partitions[partition]?.endOffset ?? 0));
  return past ? `partition ${past.partition} ends before position ${past.nextOffset}` : null;
}
