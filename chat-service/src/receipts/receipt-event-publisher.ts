import { PollingWorker } from '@chat/shared/async';
import { type Log, LOGGER } from '@chat/shared/observability';
import { OutboxRelay } from '@chat/shared/outbox';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { ReadQueries } from '../database/queries.js';
import { PUBLISH_RECEIPT_EVENTS } from './receipts.queries.js';

const SOON_MS = 100;
/** Receipts that a send advanced wait this long, as the message itself has informed the others already. So do those of a process that crashed. */
const INTERVAL_MS = 1000;
const MAX_PER_ROUND = 500;

/**
 * Publishes advanced receipts after a delay, many increases as one event: it writes ReceiptsAdvanced to the outbox, in the transaction that
 * deletes the pending row of the member. Those rows are in the database, so a crash loses none, and any number of processes may work on them
 * concurrently.
 */
@Injectable()
export class ReceiptEventPublisher implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #worker: PollingWorker;

  constructor(
    @Inject(LOGGER) logger: Log,
    private readonly queries: ReadQueries,
    private readonly relay: OutboxRelay,
  ) {
    this.#worker = new PollingWorker({
      round: () => this.#publish(),
      backoff: { firstMs: INTERVAL_MS, maxMs: INTERVAL_MS },
      wakeDelayMs: SOON_MS,
      onError: (error, attempt) => {
        if (attempt === 0) logger.warn({ error }, 'receipt events could not be published; retrying');
      },
    });
  }

  onApplicationBootstrap(): void {
    this.#worker.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#worker.stop();
  }

  /** A receipt advanced that other members wait to see. */
  publishSoon(): void {
    this.#worker.wake();
  }

  /** Returns the time until the next round. */
  async #publish(): Promise<number> {
    const { published } = (await this.queries.row<{ published: number }>(PUBLISH_RECEIPT_EVENTS, [MAX_PER_ROUND]))!;
    if (published > 0) this.relay.wake();
    return published === MAX_PER_ROUND ? 0 : INTERVAL_MS;
  }
}
