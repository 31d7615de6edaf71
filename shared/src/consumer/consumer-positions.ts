import { preparedStatement, rowsOf, type SqlRunner } from '../database/index.js';
import type { TopicName } from '../events/index.js';
import type { RecordIdentity } from './record-identity.js';

/*
 * The positions of a consumer group are stored in the schema of the consumer, so that a position moves in the transaction of its effects.
 *
 * A position moves by compare-and-set: a process that was cut off cannot overwrite the positions of its successor.
 * An epoch is one log: another cluster, another number of partitions, a log that ends before the stored position, or another record before it
 * begins a new epoch, and every position starts again at the beginning of the log (starting-positions.ts, log-continuity.ts). The inbox
 * prevents that events are handled twice.
 */

/** The position of a consumer group in one partition of one log, before and after a batch. */
export interface PartitionPosition {
  topic: TopicName;
  epoch: number;
  partition: number;
  /** The next offset once the effects of the batch are stored. */
  nextOffset: number;
  /** The offset that must be stored before; another one means that another process has taken over the partition. */
  expectedOffset: number;
  /** The last record before `nextOffset`; absent when there is none to compare with. */
  lastRecord?: RecordIdentity;
}

/** Another process has moved the position, or a new epoch has begun: nothing was stored, and the position must be read again. */
export class PositionConflictError extends Error {
  override readonly name = 'PositionConflictError';

  constructor() {
    super('the position was moved by another process');
  }
}

const STORE_POSITIONS = preparedStatement(
  'store_positions',
  `
  with present as materialized (
    select topic, epoch from consumer_epochs where consumer_group = $1 and topic = any($2::text[]) order by topic for share
  ), moved as (
    update consumer_positions p set next_offset = m.next_offset,
           last_offset = m.last_offset, last_event_id = m.last_event_id, last_timestamp = m.last_timestamp
      from unnest($2::text[], $3::int[], $4::int[], $5::bigint[], $6::bigint[], $7::bigint[], $8::text[], $9::bigint[])
           as m(topic, epoch, partition, next_offset, expected_offset, last_offset, last_event_id, last_timestamp)
      join present e on e.topic = m.topic and e.epoch = m.epoch
     where p.consumer_group = $1 and p.topic = m.topic and p.epoch = m.epoch and p.partition = m.partition and p.next_offset = m.expected_offset
    returning 1)
  select count(*)::int as moved from moved`,
);

/**
 * Moves the positions of a group, all or none: rejects with PositionConflictError when one of them is not the expected one. A new epoch
 * waits for the end of this transaction, so that no effect is stored in an epoch that has ended.
 */
export async function storePositions(runner: SqlRunner, group: string, positions: PartitionPosition[]): Promise<void> {
  if (positions.length === 0) return;
  const result = await runner.query(STORE_POSITIONS, [
    group,
    positions.map((p) => p.topic),
    positions.map((p) => p.epoch),
    positions.map((p) => p.partition),
    positions.map((p) => p.nextOffset),
    positions.map((p) => p.expectedOffset),
    positions.map((p) => p.lastRecord?.offset ?? null),
    positions.map((p) => p.lastRecord?.eventId ?? null),
    positions.map((p) => p.lastRecord?.timestamp ?? null),
  ]);
  if (rowsOf<{ moved: number }>(result)[0]?.moved !== positions.length) throw new PositionConflictError();
}
