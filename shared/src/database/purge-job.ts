import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { Log } from '../observability/index.js';

const INTERVAL_MS = 10 * 60_000;
/** Few enough that a statement locks little, and ends before its timeout. */
export const ROWS_PER_CHUNK = 5000;

/** Deletes rows that are older than a retention, every ten minutes, in chunks. */
export abstract class PurgeJob implements OnApplicationBootstrap, OnApplicationShutdown {
  #timer: NodeJS.Timeout | undefined;
  #stopping = false;

  /** `what`: the rows that it deletes, for the log. */
  constructor(
    private readonly what: string,
    private readonly log: Log,
  ) {}

  /** Returns the number of deleted rows. */
  abstract purge(rowsPerChunk?: number): Promise<number>;

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => void this.#purgeAndLog(), INTERVAL_MS).unref();
  }

  onApplicationShutdown(): void {
    this.#stopping = true;
    clearInterval(this.#timer);
  }

  /** Calls `deleteChunk`, which returns the number of rows that it has deleted, until that is less than a chunk. */
  protected async inChunks(rowsPerChunk: number, deleteChunk: () => Promise<number>): Promise<number> {
    let deleted = 0;
    for (let rows = rowsPerChunk; rows === rowsPerChunk && !this.#stopping; deleted += rows) rows = await deleteChunk();
    return deleted;
  }

  async #purgeAndLog(): Promise<void> {
    try {
      const purged = await this.purge();
      if (purged > 0) this.log.info({ purged }, `${this.what} purged`);
    } catch (error) {
      this.log.warn({ error }, `${this.what} not purged; the next interval retries`);
    }
  }
}
