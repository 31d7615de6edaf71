import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { LOGGER, type Log } from '@chat/shared/bootstrap';
import { DataSource } from 'typeorm';
import { AuthConfig } from '../config.js';

const INTERVAL_MS = 3_600_000;
const DAY_MS = 24 * 60 * 60 * 1000;
const BATCH_SIZE = 2000;

/** Deletes what the log has kept for long enough: addresses and programs are personal. Any number of instances may do so at once. */
@Injectable()
export class SecurityLogSweeper implements OnApplicationBootstrap, OnApplicationShutdown {
  #timer: NodeJS.Timeout | undefined;
  #stopping = false;
  #sweep: Promise<void> = Promise.resolve();

  constructor(
    private readonly dataSource: DataSource,
    private readonly config: AuthConfig,
    @Inject(LOGGER) private readonly logger: Log,
  ) {}

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => {
      this.#sweep = this.sweep().catch((error: unknown) => this.logger.warn({ error }, 'old security events could not be deleted'));
    }, INTERVAL_MS);
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#timer);
    await this.#sweep;
  }

  /** The ids begin with the time, so the primary key finds the oldest; in batches, so that no statement takes long. */
  async sweep(): Promise<void> {
    const oldestKept = firstIdAt(Date.now() - this.config.securityLogDays * DAY_MS);
    for (let deleted = BATCH_SIZE; deleted === BATCH_SIZE && !this.#stopping;) {
      const [, count] = await this.dataSource.query<[unknown, number]>(
        `delete from security_events where id in
           (select id from security_events where id < $1 order by id limit ${BATCH_SIZE} for update skip locked)`,
        [oldestKept],
      );
      deleted = count;
    }
  }
}

/** The smallest UUIDv7 of a millisecond. */
export function firstIdAt(timeMs: number): string {
  const hex = timeMs.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}
