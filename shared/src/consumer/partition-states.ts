import type { SqlRunner } from '../database/index.js';
import type { TopicName } from '../events/index.js';
import type { Log } from '../observability/index.js';
import { storePositions } from './consumer-positions.js';
import type { LogReader } from './log-reader.js';
import type { PartitionState } from './partition-batches.js';
import { startingPositions, type LogReplacement, type StartingPosition } from './starting-positions.js';

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
  options: { trustsEnd: boolean; replacement: LogReplacement | null },
): Promise<PartitionState[]> {
  const states: PartitionState[] = [];
  for (const { topic, kafkaTopic, partitions } of requested) {
    const logState = await logs.stateOf(kafkaTopic);
    const { positions, newEpochReason } = await startingPositions(database, group, topic, partitions, logState, options);
    if (newEpochReason) log.warn({ group, topic, reason: newEpochReason }, 'a new log has begun, reading it from the start');
    for (const position of positions) {
      const ends = logState.partitions[position.partition]!;
      if (position.nextOffset > 0 && position.nextOffset < ends.firstOffset)
        log.error({ group, topic, ...position, ...ends }, 'records were deleted by retention before they were handled');
      states.push(toState(topic, position, ends));
    }
  }
  return states;
}

/**
 * Moves the positions of partitions whose next records were deleted by retention to the first record that the log still has. Rejects with
 * PositionConflictError.
 */
export async function skipDeletedRecords(
  { group, database }: { group: string; database: SqlRunner },
  states: PartitionState[],
): Promise<void> {
  const behind = states.filter(({ nextOffset, firstOffset }) => nextOffset < firstOffset);
  const positions = behind.map(({ topic, epoch, partition, nextOffset: expectedOffset, firstOffset: nextOffset }) => ({
    topic,
    epoch,
    partition,
    nextOffset,
    expectedOffset,
  }));
  await storePositions(database, group, positions);
  for (const state of behind) state.nextOffset = state.storedOffset = state.firstOffset;
}

function toState(topic: TopicName, position: StartingPosition, ends: { firstOffset: number; endOffset: number }): PartitionState {
  const { lastRecord, nextOffset } = position;
  // A record that retention has deleted cannot be compared.
  const comparable = lastRecord && lastRecord.offset >= ends.firstOffset ? lastRecord : null;
  return { topic, ...position, ...ends, lastRecord: comparable, isVerified: false, active: false, storedOffset: nextOffset, storedAt: 0 };
}
