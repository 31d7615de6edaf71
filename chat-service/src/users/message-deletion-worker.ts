import { type NextRound, PollingWorker, shouldLogAttempt } from '@chat/shared/async';
import { type Log, LOGGER } from '@chat/shared/observability';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { ReadQueries, type Statement } from '../database/queries.js';

const CONVERSATIONS_PER_PART = 50;
const ROWS_PER_PART = 200;
/** The pause after a part is so many times as long as the part: the deletion of a long history leaves the database to the sends. */
const PAUSES = 6;
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
    @Inject(LOGGER) logger: Log,
    private readonly queries: ReadQueries,
  ) {
    this.#worker = new PollingWorker({
      round: () => this.#continue(),
      backoff: { firstMs: POLL_INTERVAL_MS, maxMs: 30_000 },
      onError: (error, attempt) => {
        if (shouldLogAttempt(attempt)) logger.warn({ error, attempt }, 'the data of a deleted user could not be deleted; retrying');
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
    const row = await this.queries.row<{ state: 'idle' | 'waiting' | 'working' }>(CONTINUE, [CONVERSATIONS_PER_PART, ROWS_PER_PART]);
    if (row!.state === 'idle') return POLL_INTERVAL_MS;
    if (row!.state === 'waiting') return WAITING_MS;
    return Math.max(MIN_PAUSE_MS, PAUSES * (performance.now() - startedAt));
  }
}

/** sql/continue_user_deletion.sql */
const CONTINUE: Statement = { name: 'continue_user_deletion', text: 'select continue_user_deletion($1, $2) as state' };
