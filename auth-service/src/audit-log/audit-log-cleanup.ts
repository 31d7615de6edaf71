import { Inject, Injectable } from '@nestjs/common';
import { LOGGER, type Log } from '@chat/shared/observability';
import { DataSource } from 'typeorm';
import { AuthConfig } from '../config.js';
import { CleanupJob } from '../jobs/cleanup-job.js';

const DAY_MS = 24 * 60 * 60 * 1000;

/** Deletes what the log has kept for long enough: addresses and programs are personal. */
@Injectable()
export class AuditLogCleanup extends CleanupJob {
  protected readonly what = 'old security events';

  constructor(
    dataSource: DataSource,
    private readonly config: AuthConfig,
    @Inject(LOGGER) logger: Log,
  ) {
    super(dataSource, logger);
  }

  /** The ids begin with the time, so the primary key finds the oldest. */
  async purge(): Promise<void> {
    const oldestKept = firstIdAt(Date.now() - this.config.securityLogDays * DAY_MS);
    await this.deleteInBatches('security_events', 'id', 'id < $1 order by id', [oldestKept]);
  }
}

/** The smallest UUIDv7 of a millisecond. */
export function firstIdAt(timeMs: number): string {
  const hex = timeMs.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}
