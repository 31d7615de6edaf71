import { PurgeJob, ROWS_PER_CHUNK } from '@chat/shared/database';
import { LOGGER, type Log } from '@chat/shared/observability';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { INBOX_RETENTION } from './system-notifications.js';

export const NOTIFICATION_RETENTION_DAYS = Symbol('days for which read notifications are kept');

/**
 * Purges read notifications, by the time of their newest message, and the ids of events in the inbox. Unread notifications stay: each is the
 * only one of its conversation. Needs the indexes notifications_read and inbox_handled_at. Rows that a request has locked wait for the next
 * interval, so that neither waits for the other.
 */
@Injectable()
export class NotificationRetention extends PurgeJob {
  constructor(
    private readonly dataSource: DataSource,
    @Inject(NOTIFICATION_RETENTION_DAYS) private readonly retentionDays: number,
    @Inject(LOGGER) log: Log,
  ) {
    super('read notifications and handled event ids', log);
  }

  async purge(rowsPerChunk = ROWS_PER_CHUNK): Promise<number> {
    const notifications = await this.inChunks(rowsPerChunk, () =>
      this.#delete(
        `delete from notifications where id in (
           select id from notifications where read and created_at < clock_timestamp() - make_interval(days => $1)
           order by created_at limit $2 for update skip locked)`,
        [this.retentionDays, rowsPerChunk],
      ),
    );
    const eventIds = await this.inChunks(rowsPerChunk, () =>
      this.#delete(
        `delete from inbox where event_id in (
           select event_id from inbox where handled_at < clock_timestamp() - interval '${INBOX_RETENTION}'
           order by handled_at limit $1 for update skip locked)`,
        [rowsPerChunk],
      ),
    );
    return notifications + eventIds;
  }

  async #delete(sql: string, parameters: unknown[]): Promise<number> {
    const [, deleted] = (await this.dataSource.query(sql, parameters)) as [unknown, number];
    return deleted;
  }
}
