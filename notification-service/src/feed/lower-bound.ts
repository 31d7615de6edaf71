import type { AssignedPartition } from '@chat/shared/consumer';
import { columnsOf } from '@chat/shared/database';
import type { DataSource } from 'typeorm';

/**
 * Kafka has deleted records before they were recorded: the service was stopped for longer than the topic keeps them, or its schema is new. The
 * feed then begins at the first record that the log still has, and a cursor before it is not recovered, as if the events had been purged.
 */
export async function raiseLowerBound(dataSource: DataSource, partitions: AssignedPartition[]): Promise<void> {
  const bounds = partitions
    .filter(({ nextOffset, firstOffset }) => nextOffset < firstOffset)
    .map(({ epoch, partition, firstOffset }) => ({ epoch, partition, lastDeleted: firstOffset - 1 }));
  if (bounds.length === 0) return;
  await dataSource.query(
    `insert into purge_checkpoints as c (epoch, partition, "offset") select * from unnest($1::int[], $2::int[], $3::bigint[]) order by 1, 2
     on conflict (epoch, partition) do update set "offset" = greatest(c."offset", excluded."offset")`,
    columnsOf(bounds, ['epoch', 'partition', 'lastDeleted']),
  );
}
