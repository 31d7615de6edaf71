import { LOGGER, type Log } from '@chat/shared/observability';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { FeedLog } from './feed-log.js';

export const RETENTION_DAYS = Symbol('retention days');

const SWEEP_EVERY_MS = 10 * 60_000;
const ROWS_PER_CHUNK = 5000;
const DAY_MS = 24 * 3_600_000;

/**
 * Removes what is older than the retention, oldest first, in chunks that lock little. The floor rises in the statement
 * that deletes, so a reader sees either the rows or that they are gone.
 */
@Injectable()
export class FeedRetention implements OnApplicationBootstrap, OnApplicationShutdown {
  #timer: NodeJS.Timeout | undefined;
  #stopping = false;

  constructor(
    private readonly dataSource: DataSource,
    private readonly feedLog: FeedLog,
    @Inject(RETENTION_DAYS) private readonly retentionDays: number,
    @Inject(LOGGER) private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => void this.#sweepAndReport(), SWEEP_EVERY_MS).unref();
  }

  onApplicationShutdown(): void {
    this.#stopping = true;
    clearInterval(this.#timer);
  }

  /** Removes what was recorded before this time. Returns the number of rows. */
  async sweep(before = new Date(Date.now() - this.retentionDays * DAY_MS), rowsPerChunk = ROWS_PER_CHUNK): Promise<number> {
    const partitions = (await this.dataSource.query(
      'select epoch, partition from consumer_positions where consumer_group = $1 and topic = $2 order by 1, 2',
      [this.feedLog.group, this.feedLog.topic],
    )) as { epoch: number; partition: number }[];
    let removed = 0;
    for (const { epoch, partition } of partitions) {
      for (let rows = rowsPerChunk; rows === rowsPerChunk && !this.#stopping; removed += rows)
        rows = await this.#sweepChunk(epoch, partition, before, rowsPerChunk);
    }
    return removed;
  }

  /** Only from the beginning of the partition up to the first row that is young enough: what is left has no holes. */
  async #sweepChunk(epoch: number, partition: number, before: Date, limit: number): Promise<number> {
    const [, removed] = (await this.dataSource.query(
      `with oldest as (
         select "offset", recorded_at from feed_events where epoch = $1 and partition = $2 order by "offset" limit $4
       ), doomed as (
         select "offset" from oldest where "offset" < coalesce((select min("offset") from oldest where recorded_at >= $3), 9223372036854775807)
       ), raised as (
         insert into feed_floor as f (epoch, partition, "offset")
         select $1, $2, max("offset") from doomed having count(*) > 0
         on conflict (epoch, partition) do update set "offset" = greatest(f."offset", excluded."offset")
       )
       delete from feed_events f using doomed d where f.epoch = $1 and f.partition = $2 and f."offset" = d."offset"`,
      [epoch, partition, before, limit],
    )) as [unknown, number];
    return removed;
  }

  async #sweepAndReport(): Promise<void> {
    try {
      const removed = await this.sweep();
      if (removed > 0) this.log.info({ removed }, 'old events removed from the feed');
    } catch (error) {
      this.log.warn({ error }, 'the feed was not swept; the next time tries again');
    }
  }
}
