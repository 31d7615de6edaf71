import { rowsOf, type SqlRunner } from '../database/index.js';
import { PositionConflictError } from './consumer-positions.js';
import type { PartitionState } from './partition-batches.js';

/**
 * Proves that the database takes writes of this consumer: writes the unchanged position of a partition, in a transaction of its own. Rejects
 * when it does not, and with PositionConflictError when another process has moved the position.
 */
export async function proveWritable(
  runner: SqlRunner,
  group: string,
  { topic, epoch, partition, storedOffset }: PartitionState,
): Promise<void> {
  const result = await runner.query(
    `with written as (
       update consumer_positions set next_offset = next_offset
        where consumer_group = $1 and topic = $2 and epoch = $3 and partition = $4 and next_offset = $5
       returning 1)
     select 1 from written`,
    [group, topic, epoch, partition, storedOffset],
  );
  if (rowsOf(result).length === 0) throw new PositionConflictError();
}
