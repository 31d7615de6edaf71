import { Inject, Injectable } from '@nestjs/common';
import { LOGGER, type Log } from '@chat/shared/observability';
import { DataSource } from 'typeorm';
import { AuthConfig } from '../config.js';
import { CleanupJob } from '../jobs/cleanup-job.js';
import type { PurgedRows } from '../jobs/purge.js';

const DAY_MS = 24 * 60 * 60 * 1000;

/** Purges audit events by their retention: addresses and user agents are personal data. */
@Injectable()
export class AuditLogCleanup extends CleanupJob {
  constructor(
    dataSource: DataSource,
    private readonly config: AuthConfig,
    @Inject(LOGGER) logger: Log,
  ) {
    super(dataSource, logger);
  }

  /** The ids begin with the time, so the primary key finds the oldest. */
  protected rowsToPurge(): PurgedRows[] {
    const oldestKept = firstIdAt(Date.now() - this.config.securityLogDays * DAY_MS);
    return [{ table: 'audit_events', key: 'id', where: 'id < $1 order by id', parameters: [oldestKept] }];
  }
}

/** The smallest UUIDv7 of a millisecond. */
export function firstIdAt(timeMs: number): string {
  const hex = timeMs.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}
