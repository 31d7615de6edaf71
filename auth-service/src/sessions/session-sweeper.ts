import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { LOGGER, type Log } from '@chat/shared/bootstrap';
import { DataSource } from 'typeorm';

const INTERVAL_MS = 3_600_000;
const BATCH_SIZE = 2000;

/** Deletes refresh tokens and sessions that ran out. Any number of instances may do so at once. */
@Injectable()
export class SessionSweeper implements OnApplicationBootstrap, OnApplicationShutdown {
  #timer: NodeJS.Timeout | undefined;
  #stopping = false;
  #sweep: Promise<void> = Promise.resolve();

  constructor(
    private readonly dataSource: DataSource,
    @Inject(LOGGER) private readonly logger: Log,
  ) {}

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => {
      this.#sweep = this.sweep().catch((error: unknown) => this.logger.warn({ error }, 'sessions that ran out could not be deleted'));
    }, INTERVAL_MS);
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#timer);
    await this.#sweep;
  }

  async sweep(): Promise<void> {
    await this.#deleteExpired('refresh_tokens', 'hash');
    // The refresh tokens that are left go with their session.
    await this.#deleteExpired('sessions', 'id');
  }

  /** In batches, so that no statement takes long. Counts on the index of expires_at. */
  async #deleteExpired(table: string, key: string): Promise<void> {
    for (let deleted = BATCH_SIZE; deleted === BATCH_SIZE && !this.#stopping;) {
      const [, count] = await this.dataSource.query<[unknown, number]>(
        `delete from ${table} where ${key} in (select ${key} from ${table} where expires_at < now() limit ${BATCH_SIZE} for update skip locked)`,
      );
      deleted = count;
    }
  }
}
