import type { SqlRunner } from '../database/index.js';
import type { TopicName } from '../events/index.js';
import type { Log } from '../observability/index.js';
import type { LogReader } from './log-reader.js';
import type { PartitionState } from './partition-batches.js';
import { startingPositions } from './starting-positions.js';

/** Some partitions of one topic. */
export interface RequestedPartitions {
  topic: TopicName;
  /** The name that Kafka knows. */
  kafkaTopic: string;
  partitions: number[];
}

/**
 * The states of newly assigned partitions, not active yet: their stored positions, and the ends of their logs. Logs a new epoch, and records
 * that were deleted before they were handled. Rejects while Kafka or the database is unavailable, and with LogEndsEarlierError.
 */
export async function readPartitionStates(
  { group, database, logs, log }: { group: string; database: SqlRunner; logs: LogReader; log: Log },
  requested: RequestedPartitions[],
  trustsEnd: boolean,
): Promise<PartitionState[]> {
  const states: PartitionState[] = [];
  for (const { topic, kafkaTopic, partitions } of requested) {
    const logState = await logs.stateOf(kafkaTopic);
    const { positions, newEpochReason } = await startingPositions(database, group, topic, partitions, logState, { trustsEnd });
    if (newEpochReason) log.warn({ group, topic, reason: newEpochReason }, 'a new log has begun, reading it from the start');
    for (const position of positions) {
      const { firstOffset, endOffset } = logState.partitions[position.partition]!;
      if (position.nextOffset > 0 && position.nextOffset < firstOffset)
        log.error({ group, topic, ...position, firstOffset }, 'records were deleted by retention before they were handled');
      states.push({ topic, ...position, active: false, endOffset, storedOffset: position.nextOffset, storedAt: 0 });
    }
  }
  return states;
}
