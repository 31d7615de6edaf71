import { PurgeJob, ROWS_PER_CHUNK } from '@chat/shared/database';
import { LOGGER, type Log } from '@chat/shared/observability';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { FeedLog } from './feed-log.js';

/**
 * An event is kept so much longer than the retention. A row is also how a second delivery of its event is recognised, and a record that is
 * older than the retention is not recorded; the clock that wrote the time of the record may be ahead of this database's.
 */
const CLOCK_DIFFERENCE = '1 hour';

/**
 * Purges events older than the retention, by the clock of the database, oldest first, in chunks that lock little. The statement that deletes
 * also advances the purge checkpoint, so a replay sees either the rows or that they are purged.
 */
@Injectable()
export class FeedRetention extends PurgeJob {
  constructor(
    private readonly dataSource: DataSource,
    private readonly feedLog: FeedLog,
    @Inject(LOGGER) log: Log,
  ) {
    super('old events of the feed', log);
  }

  async purge(rowsPerChunk = ROWS_PER_CHUNK): Promise<number> {
    const partitions = (await this.dataSource.query(
      'select epoch, partition from consumer_positions where consumer_group = $1 and topic = $2 order by 1, 2',
      [this.feedLog.group, this.feedLog.topic],
    )) as { epoch: number; partition: number }[];
    let purged = 0;
    for (const { epoch, partition } of partitions)
      purged += await this.inChunks(rowsPerChunk, () => this.#purgeChunk(epoch, partition, rowsPerChunk));
    return purged + (await this.inChunks(rowsPerChunk, () => this.#purgeMessages(rowsPerChunk)));
  }

  /** A day later than the events of the message, the newest of which was recorded when the message was stored last. */
  async #purgeMessages(limit: number): Promise<number> {
    const [, deleted] = (await this.dataSource.query(
      `delete from feed_messages where message_id in (
         select message_id from feed_messages where changed_at < clock_timestamp() - make_interval(days => $1 + 1) - interval '${CLOCK_DIFFERENCE}'
         order by changed_at limit $2)`,
      [this.feedLog.retentionDays, limit],
    )) as [unknown, number];
    return deleted;
  }

  /** Only from the beginning of the partition up to the first row that is young enough, so that the remaining rows have no gaps. */
  async #purgeChunk(epoch: number, partition: number, limit: number): Promise<number> {
    const [, deleted] = (await this.dataSource.query(
      `with oldest as (
         select "offset", recorded_at >= clock_timestamp() - make_interval(days => $3) - interval '${CLOCK_DIFFERENCE}' as is_young
         from feed_events where epoch = $1 and partition = $2 order by "offset" limit $4
       ), expired as (
         select "offset" from oldest where "offset" < coalesce((select min("offset") from oldest where is_young), 9223372036854775807)
       ), advanced as (
         insert into purge_checkpoints as c (epoch, partition, "offset")
         select $1, $2, max("offset") from expired having count(*) > 0
         on conflict (epoch, partition) do update set "offset" = greatest(c."offset", excluded."offset")
       )
       delete from feed_events f using expired e where f.epoch = $1 and f.partition = $2 and f."offset" = e."offset"`,
      [epoch, partition, this.feedLog.retentionDays, limit],
    )) as [unknown, number];
    return deleted;
  }
}
