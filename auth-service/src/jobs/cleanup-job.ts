import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { LOGGER, type Log } from '@chat/shared/observability';
import { DataSource } from 'typeorm';
import { purgeBatch, type PurgedRows } from './purge.js';

const INTERVAL_MS = 3_600_000;
const BATCH_SIZE = 2000;

/** Purges rows every hour, in batches, so that no statement takes long. Any number of instances may run it at once. */
@Injectable()
export abstract class CleanupJob implements OnApplicationBootstrap, OnApplicationShutdown {
  #timer: NodeJS.Timeout | undefined;
  #stopping = false;
  #run: Promise<void> = Promise.resolve();

  constructor(
    private readonly dataSource: DataSource,
    @Inject(LOGGER) private readonly logger: Log,
  ) {}

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => {
      this.#run = this.purge().catch((error: unknown) => this.logger.warn({ error, job: this.constructor.name }, 'cleanup job failed'));
    }, INTERVAL_MS);
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#timer);
    await this.#run;
  }

  async purge(): Promise<void> {
    for (const rows of this.rowsToPurge()) {
      for (let deleted = BATCH_SIZE; deleted === BATCH_SIZE && !this.#stopping;)
        deleted = await purgeBatch(this.dataSource, rows, BATCH_SIZE);
    }
  }

  protected abstract rowsToPurge(): PurgedRows[];
}
