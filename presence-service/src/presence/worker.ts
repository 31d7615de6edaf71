import { PollingWorker } from '@chat/shared/async';
import { type Log, LOGGER } from '@chat/shared/observability';
import { channels, LiveChannels } from '@chat/shared/realtime';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { DataSource } from 'typeorm';
import { PresenceServiceConfig } from '../config.js';
import { PresenceCheckQueue, type NextChecks } from './check-queue.js';
import { PresenceEvaluator } from './evaluator.js';
import { Leases } from './leases.js';
import { REDIS } from './redis.token.js';
import { findUsersToCheck } from './users.js';

const USERS_PER_ROUND = 200;
/** Longer than any round: the timeouts of PostgreSQL and Redis are shorter. Afterwards another instance takes over the users of this one. */
const CLAIM_MS = 10_000;
/** The maximum delay of a check if no wake-up arrives. */
const POLL_MS = 1000;
const RETRY_MS = 500;
const USERS_PER_PAGE = 1000;
/** The time that gateways need to renew every lease after Redis has restarted without its data. */
const RENEWAL_MS = 30_000;
const SMALLEST_ID = '00000000-0000-0000-0000-000000000000';

/**
 * Keeps the presence that other users see up to date: evaluates all users whose check is due, round after round, on every instance.
 *
 * Guarantees: each change is published by one instance, and once more only if a process crashes between publishing and storing it. A change
 * that is reverted between two rounds is not published at all. Rounds start on hints of the gateways and on own requests, and by polling.
 * It starts with the application; while Redis or PostgreSQL is unavailable it retries, and continues where it was.
 */
@Injectable()
export class PresenceWorker implements OnApplicationBootstrap {
  private readonly worker: PollingWorker;
  /** The time at which users without a scheduled check shall be checked; null: all users that need a check have one. */
  private refillAtMs: number | null = Date.now();

  constructor(
    @Inject(REDIS) private readonly redis: Redis,
    @Inject(LOGGER) private readonly logger: Log,
    private readonly live: LiveChannels,
    private readonly queue: PresenceCheckQueue,
    private readonly evaluator: PresenceEvaluator,
    private readonly leases: Leases,
    private readonly dataSource: DataSource,
    { paceMs }: PresenceServiceConfig,
  ) {
    this.worker = new PollingWorker({
      round: () => this.round(),
      backoff: { firstMs: RETRY_MS, maxMs: RETRY_MS },
      paceMs,
      onError: (error, attempt) => {
        if (attempt === 0) this.logger.warn({ error }, 'presence changes are delayed; retrying');
      },
      onRecovered: () => this.logger.info({}, 'presence changes are published again'),
    });
  }

  onApplicationBootstrap(): void {
    this.redis.on('ready', () => (this.refillAtMs ??= Date.now() + RENEWAL_MS));
    void this.live.subscribe(channels.presenceLeases, () => this.worker.wake());
    this.worker.start();
  }

  /** Resolves when the current round has finished. */
  async stop(): Promise<void> {
    await this.worker.stop();
  }

  /** Evaluates the users whose check is due. Returns the time until the next round (ms). */
  private async round(): Promise<number> {
    await this.refillQueue();
    const claim = await this.queue.claim(USERS_PER_ROUND, CLAIM_MS);
    if (claim.userIds.length > 0) {
      const nextChecks = await this.evaluator.evaluate(claim.userIds);
      await this.queue.settle(claim, nextChecks);
      if (await this.scheduleReturned(nextChecks)) return 0;
    }
    if (claim.userIds.length === USERS_PER_ROUND) return 0;
    return Math.min((claim.nextCheckMs ?? Infinity) - Date.now(), POLL_MS);
  }

  /** A user that returned after the evaluation, while still in the queue, was not scheduled again by the lease. */
  private async scheduleReturned(nextChecks: NextChecks): Promise<boolean> {
    const absent = [...nextChecks].filter(([, nextMs]) => nextMs === null).map(([userId]) => userId);
    const nowMs = Date.now();
    const ends = await this.leases.lastEnds(absent);
    const returned = absent.filter((_, index) => (ends[index] ?? 0) > nowMs);
    await this.queue.scheduleIfAbsent(returned, nowMs);
    return returned.length > 0;
  }

  /** Every present user must be in the queue; at the start, and after an outage of Redis, some may be missing. */
  private async refillQueue(): Promise<void> {
    const atMs = this.refillAtMs;
    if (atMs === null) return;
    let after = SMALLEST_ID;
    for (;;) {
      const userIds = await findUsersToCheck(this.dataSource.manager, after, USERS_PER_PAGE);
      await this.queue.scheduleIfAbsent(userIds, atMs);
      if (userIds.length < USERS_PER_PAGE) break;
      after = userIds.at(-1)!;
    }
    if (this.refillAtMs === atMs) this.refillAtMs = null;
  }
}
