import { type NextRound, PollingWorker, shouldLogAttempt } from '@chat/shared/async';
import { type Log, LOGGER } from '@chat/shared/observability';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { deletePart } from './delete-user.js';

/** The pause after a part is so many times as long as the part: the deletion of a long history leaves the database to the other users. */
const PAUSES = 3;
const MIN_PAUSE_MS = 10;
const WAITING_MS = 200;
const POLL_INTERVAL_MS = 1000;

/**
 * Deletes the data of the users in user_deletions, one user after the other, in small parts with pauses between them. Any number of processes
 * may run it: one at a time does a part. It needs no message from the consumer that records a deletion: it looks each second.
 */
@Injectable()
export class UserDeletionWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #worker: PollingWorker;

  constructor(
    private readonly dataSource: DataSource,
    @Inject(LOGGER) log: Log,
  ) {
    this.#worker = new PollingWorker({
      round: () => this.#continue(),
      backoff: { firstMs: POLL_INTERVAL_MS, maxMs: 30_000 },
      onError: (error, attempt) => {
        if (shouldLogAttempt(attempt)) log.warn({ error, attempt }, 'the data of a deleted user could not be deleted; retrying');
      },
    });
  }

  onApplicationBootstrap(): void {
    this.#worker.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#worker.stop();
  }

  /** Returns the time until the next part. */
  async #continue(): Promise<NextRound> {
    const startedAt = performance.now();
    const state = await deletePart(this.dataSource);
    if (state === 'idle') return POLL_INTERVAL_MS;
    if (state === 'waiting') return WAITING_MS;
    return Math.max(MIN_PAUSE_MS, PAUSES * (performance.now() - startedAt));
  }
}
