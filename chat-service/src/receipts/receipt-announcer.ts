import { type Log, LOGGER } from '@chat/shared/observability';
import { OutboxRelay } from '@chat/shared/outbox';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { ReadQueries, type Statement } from '../database/prepared-queries.js';

const SOON_MS = 100;
/** Receipts that a send moved wait for this: the message itself has told the others already. So do those of a process that died. */
const SWEEP_INTERVAL_MS = 1000;
const MAX_PER_ROUND = 500;

/**
 * Announces receipts that moved, some time later and many steps as one: ReceiptsAdvanced in the outbox, in the transaction
 * that takes the member off the list of those to announce. The list is in the database, so nothing is lost with this
 * process, and any number of processes may do this side by side.
 */
@Injectable()
export class ReceiptAnnouncer implements OnApplicationBootstrap, BeforeApplicationShutdown {
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

  /** Something moved that others wait to see. */
  announceSoon(): void {
    this.#schedule(SOON_MS);
  }

  #schedule(delayMs: number): void {
    const dueAt = performance.now() + delayMs;
    if (this.#stopped || dueAt >= this.#dueAt) return;
    this.#dueAt = dueAt;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#dueAt = Infinity;
      this.#round = this.#announce(this.#round);
    }, delayMs);
  }

  async #announce(before: Promise<void> | undefined): Promise<void> {
    await before;
    try {
      let announced: number;
      do {
        announced = (await this.queries.row<{ announced: number }>(ANNOUNCE, [MAX_PER_ROUND]))!.announced;
        if (announced > 0) this.relay.wake();
      } while (announced === MAX_PER_ROUND && !this.#stopped);
      this.#failing = false;
    } catch (error) {
      if (!this.#failing) this.logger.warn({ error }, 'receipts not announced; trying on');
      this.#failing = true;
    }
    this.#schedule(SWEEP_INTERVAL_MS);
  }
}

const ANNOUNCE: Statement = { name: 'announce_receipts', text: 'select announce_receipts($1) as announced' };
