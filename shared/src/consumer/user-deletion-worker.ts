import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import { type NextRound, PollingWorker, shouldLogAttempt } from '../async/index.js';
import type { Log } from '../observability/index.js';

/**
 * The pause after a part is so many times as long as the part: less than 5 % of a core. With 6 times, the p99 of sends at 300/s, which keep
 * two cores busy, rose by a third.
 */
const PAUSES = 20;
const MIN_PAUSE_MS = 10;
/** A part that had to wait long for others on a busy machine is not followed by a pause that is longer than this. */
const MAX_PAUSE_MS = 1000;
const WAITING_MS = 200;
const POLL_INTERVAL_MS = 1000;
const MAX_BACKOFF_MS = 30_000;

/** `idle`: no deletion is left; `waiting`: another process does a part; `working`: a part is done, and more may follow. */
export type DeletionState = 'idle' | 'waiting' | 'working';

/**
 * Deletes the data of the users in user_deletions, one user after the other, in small parts with pauses between them. Any number of processes
 * may run it: one at a time does a part. It needs no message from the consumer that records a deletion: it looks each second. While the
 * database is unavailable it retries, with a growing delay.
 */
export abstract class UserDeletionWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #worker: PollingWorker;

  constructor(log: Log) {
    this.#worker = new PollingWorker({
      round: () => this.#continue(),
      backoff: { firstMs: POLL_INTERVAL_MS, maxMs: MAX_BACKOFF_MS },
      onError: (error, attempt) => {
        if (shouldLogAttempt(attempt)) log.warn({ error, attempt }, 'the data of a deleted user could not be deleted; retrying');
      },
    });
  }

  /** Does the next part in a transaction of its own, in which it also stores how far it is. */
  protected abstract deletePart(): Promise<DeletionState>;

  onApplicationBootstrap(): void {
    this.#worker.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#worker.stop();
  }

  /** Returns the time until the next part. */
  async #continue(): Promise<NextRound> {
    const startedAt = performance.now();
    const state = await this.deletePart();
    if (state === 'idle') return POLL_INTERVAL_MS;
    if (state === 'waiting') return WAITING_MS;
    return Math.min(MAX_PAUSE_MS, Math.max(MIN_PAUSE_MS, PAUSES * (performance.now() - startedAt)));
  }
}
