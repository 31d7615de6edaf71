import { columnsOf } from '@chat/shared/database';
import type { LogPosition } from '@chat/shared/contracts';
import { Inject, Injectable } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { RECORDER_DATABASE } from './databases.js';
import type { LivePartitions } from './live-partitions.js';

/** The stored progress of live delivery: every event up to a checkpoint is published; later ones may be, too. */
@Injectable()
export class PublishCheckpoints {
  constructor(@Inject(RECORDER_DATABASE) private readonly dataSource: DataSource) {}

  /** Null: no event of this partition was ever published. */
  async read(partition: number): Promise<LogPosition | null> {
    const rows = (await this.dataSource.query(
      'select epoch, "offset" from publish_checkpoints where partition = $1 order by epoch desc limit 1',
      [partition],
    )) as { epoch: number; offset: string }[];
    return rows[0] ? { epoch: rows[0].epoch, partition, offset: Number(rows[0].offset) } : null;
  }

  /** A checkpoint only moves forward, whichever process writes last. */
  async storeProgress(partitions: LivePartitions): Promise<void> {
    const positions = partitions.positionsToStore();
    if (positions.length === 0) return;
    await this.dataSource.query(
      `insert into publish_checkpoints as c (epoch, partition, "offset")
       select * from unnest($1::int[], $2::int[], $3::bigint[]) order by 1, 2
       on conflict (epoch, partition) do update set "offset" = excluded."offset" where c."offset" < excluded."offset"`,
      columnsOf(positions, ['epoch', 'partition', 'offset']),
    );
    partitions.confirmStored(positions);
  }
}
