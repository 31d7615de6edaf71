import { type NextRound, PollingWorker, shouldLogAttempt } from '@chat/shared/async';
import { rowsOf } from '@chat/shared/database';
import { type Log, LOGGER } from '@chat/shared/observability';
import { Assets, UploadCleanup } from '@chat/shared/uploads';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';

const INTERVAL_MS = 10_000;
const BATCH = 50;

/**
 * Removes the uploads that messages have released. The SQL functions that make tombstones queue them in their transaction, as they know no files of
 * the storage; here their files get into the queue of UploadCleanup. Any number of processes may run it, and a crash loses nothing.
 */
@Injectable()
export class ReleasedFiles implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #worker: PollingWorker;

  constructor(
    private readonly dataSource: DataSource,
    private readonly assets: Assets,
    private readonly cleanup: UploadCleanup,
    @Inject(LOGGER) logger: Log,
  ) {
    this.#worker = new PollingWorker({
      round: () => this.#round(),
      // Many deletions at the same time are one round.
      paceMs: 200,
      backoff: { firstMs: 1000, maxMs: 60_000 },
      onError: (error, attempt) => {
        if (shouldLogAttempt(attempt)) logger.warn({ error, attempt }, 'released files could not be removed; retrying');
      },
    });
  }

  onApplicationBootstrap(): void {
    this.#worker.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#worker.stop();
  }

  /** Files may have been released: remove them now. */
  wake(): void {
    this.#worker.wake();
  }

  async #round(): Promise<NextRound> {
    const count = await this.dataSource.transaction(async (manager) => {
      const released = rowsOf<{ id: string }>(
        await manager.query(
          `with taken as (
             delete from released_uploads where upload_id in (select upload_id from released_uploads limit $1 for update skip locked)
             returning upload_id)
           select upload_id as id from taken`,
          [BATCH],
        ),
      );
      await this.assets.release(
        manager,
        released.map(({ id }) => id),
      );
      return released.length;
    });
    if (count > 0) this.cleanup.wake();
    return count === BATCH ? 0 : INTERVAL_MS;
  }
}
