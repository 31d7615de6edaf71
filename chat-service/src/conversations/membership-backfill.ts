import { PollingWorker } from '@chat/shared/async';
import { type Log, LOGGER } from '@chat/shared/observability';
import { OutboxRelay } from '@chat/shared/outbox';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { ReadQueries, type Statement } from '../database/queries.js';

/** Few at a time, as their rows are locked, and as the events of sends wait behind theirs in the outbox. */
const MAX_PER_ROUND = 100;
const PAUSE_MS = 100;
/** How often conversations of other processes are searched for. */
const INTERVAL_MS = 2000;
const UNTIL_ACTIVE_MS = 1000;

/**
 * Publishes the conversations on chat.membership that have no record there; see the migration membership-records. Only the process whose relay
 * is active writes for that topic, here and when it creates a conversation: a relay of the build before, which may be the active one during an
 * update, does not know the topic, and would block the conversation. So this publishes the conversations of processes of the build before, and
 * of other processes of this build, within seconds. A crash loses and repeats nothing.
 * The next version does not need it, as an update skips none: the relay of the build before then knows the topic (decision 0024).
 */
@Injectable()
export class MembershipBackfill implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #worker: PollingWorker;

  constructor(
    @Inject(LOGGER) logger: Log,
    private readonly queries: ReadQueries,
    private readonly relay: OutboxRelay,
  ) {
    this.#worker = new PollingWorker({
      round: () => this.#publish(),
      backoff: { firstMs: UNTIL_ACTIVE_MS, maxMs: 10_000 },
      onError: (error, attempt) => {
        if (attempt === 0) logger.warn({ error }, 'conversations could not be published on chat.membership; retrying');
      },
    });
  }

  onApplicationBootstrap(): void {
    this.#worker.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#worker.stop();
  }

  /** Returns the time until the next round. */
  async #publish(): Promise<number> {
    if (!this.relay.isActive) return UNTIL_ACTIVE_MS;
    const { published } = (await this.queries.row<{ published: number }>(PUBLISH_MEMBERSHIP_RECORDS, [MAX_PER_ROUND]))!;
    if (published === 0) return INTERVAL_MS;
    this.relay.wake();
    return PAUSE_MS;
  }
}

/** sql/publish_membership_records.sql */
const PUBLISH_MEMBERSHIP_RECORDS: Statement = {
  name: 'publish_membership_records',
  text: 'select publish_membership_records($1) as published',
};
