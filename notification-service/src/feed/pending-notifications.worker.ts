import { type NextRound, PollingWorker } from '@chat/shared/async';
import { type Log, LOGGER } from '@chat/shared/observability';
import { Inject, Injectable } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { RECORDER_DATABASE } from './databases.js';
import { LivePublisher } from './live-publisher.js';
import { applyPending, conversationsWithPending } from './pending-notifications.js';

/** The events of this time change the notifications of a large group together. */
const INTERVAL_MS = 500;
/** In case that another process stored pending events and ended. */
const POLL_MS = 30_000;
/** Redis gets no more notifications of large groups while so many items wait for it. */
const MAX_QUEUED = 2000;

/** Changes the notifications of large groups, and publishes them. Any number of processes may do so at the same time. */
@Injectable()
export class PendingNotificationsWorker {
  protected readonly conversationsPerRound: number = 500;
  readonly #worker: PollingWorker;
  /** The rounds take the conversations in turn, so that busy ones do not keep the others waiting. Null: from the first one on. */
  #after: string | null = null;

  constructor(
    @Inject(RECORDER_DATABASE) private readonly dataSource: DataSource,
    private readonly publisher: LivePublisher,
    @Inject(LOGGER) log: Log,
  ) {
    this.#worker = new PollingWorker({
      round: (signal) => this.#applySome(signal),
      wakeDelayMs: INTERVAL_MS / 2,
      paceMs: INTERVAL_MS,
      backoff: { firstMs: INTERVAL_MS, maxMs: 5000 },
      onError: (error, attempt) => {
        if (attempt === 0) log.warn({ error }, 'notifications of large groups could not be changed; retrying');
      },
    });
  }

  start(): void {
    this.#worker.start();
  }

  /** What is pending then is done by the next process. */
  async stop(): Promise<void> {
    await this.#worker.stop();
  }

  /** There are pending events. */
  wake(): void {
    this.#worker.wake();
  }

  /** A conversation that fails does not delay the others. */
  async #applySome(signal: AbortSignal): Promise<NextRound> {
    const limit = this.conversationsPerRound;
    let mayHaveMore = this.#after !== null;
    const conversationIds = await conversationsWithPending(this.dataSource, this.#after, limit);
    const failures: unknown[] = [];
    for (const conversationId of conversationIds) {
      if (signal.aborted) return Infinity;
      this.#after = conversationId;
      try {
        const applied = await applyPending(this.dataSource, conversationId);
        if (!applied) continue;
        this.publisher.acceptNotifications(applied.notifications);
        mayHaveMore ||= !applied.isLast;
      } catch (error) {
        failures.push(error);
      }
      if (this.publisher.queued > MAX_QUEUED) return 0;
    }
    if (conversationIds.length < limit) this.#after = null;
    else mayHaveMore = true;
    if (failures.length > 0) throw failures[0];
    return mayHaveMore ? 0 : POLL_MS;
  }
}
