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
  #timer: NodeJS.Timeout | undefined;
  #dueAt = Infinity;
  #round: Promise<void> | undefined;
  #stopped = false;
  #failing = false;

  constructor(
    @Inject(LOGGER) private readonly logger: Log,
    private readonly queries: ReadQueries,
    private readonly relay: OutboxRelay,
  ) {}

  onApplicationBootstrap(): void {
    this.#schedule(0);
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#round;
  }

  /** A receipt advanced that other members wait to see. */
  publishSoon(): void {
    this.#schedule(SOON_MS);
  }

  #schedule(delayMs: number): void {
    const dueAt = performance.now() + delayMs;
    if (this.#stopped || dueAt >= this.#dueAt) return;
    this.#dueAt = dueAt;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#dueAt = Infinity;
      this.#round = this.#publish(this.#round);
    }, delayMs);
  }

  async #publish(previousRound: Promise<void> | undefined): Promise<void> {
    await previousRound;
    try {
      let published: number;
      do {
        published = (await this.queries.row<{ published: number }>(PUBLISH_RECEIPT_EVENTS, [MAX_PER_ROUND]))!.published;
        if (published > 0) this.relay.wake();
      } while (published === MAX_PER_ROUND && !this.#stopped);
      this.#failing = false;
    } catch (error) {
      if (!this.#failing) this.logger.warn({ error }, 'receipt events could not be published; retrying');
      this.#failing = true;
    }
    this.#schedule(INTERVAL_MS);
  }
}
