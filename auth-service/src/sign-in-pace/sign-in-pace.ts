import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { LOGGER, type Log } from '@chat/shared/observability';
import { createRedis } from '@chat/shared/realtime';
import type { Redis } from 'ioredis';
import { AuthConfig } from '../config.js';
import { type Lane, LONGEST_WAIT_MS } from './lanes.js';
import { RedisTurns } from './redis-turns.js';
import { tooManyAttempts } from './sign-in-pace.errors.js';
import { attemptDelaySeconds, attemptsRefused } from './sign-in-pace.metrics.js';
import { LocalTurns, type Outcome, type Turn } from './turns.js';

/** Those who wait take memory and a connection each. */
const MAX_WAITING = 500;

/**
 * Makes guessing passwords slow: after some failures each attempt waits, longer with each failure, before the password is looked at, right or
 * wrong. Failures are counted in Redis for all instances; while it is away, each instance counts for itself.
 */
@Injectable()
export class SignInPace implements OnApplicationShutdown {
  readonly #redis: Redis;
  readonly #shared: RedisTurns;
  readonly #local = new LocalTurns();
  readonly #stopping = new AbortController();
  #waiting = 0;

  constructor(config: AuthConfig, @Inject(LOGGER) logger: Log) {
    this.#redis = createRedis(config.redis, 'sign-in-pace', logger);
    this.#shared = new RedisTurns(this.#redis);
  }

  onApplicationShutdown(): void {
    this.#stopping.abort();
    this.#redis.disconnect();
  }

  /** Runs the check when it is its turn; throws RATE_LIMITED when that is too far off. */
  async inTurn(lanes: Lane[], check: () => Promise<boolean>): Promise<boolean> {
    const turn = await this.#take(lanes);
    if ('retryAfterMs' in turn) {
      attemptsRefused.inc();
      throw tooManyAttempts(turn.retryAfterMs);
    }
    attemptDelaySeconds.observe(turn.waitMs / 1000);
    let outcome: Outcome = 'undecided';
    try {
      await this.#wait(turn.waitMs);
      const isRight = await check();
      outcome = isRight ? 'right' : 'wrong';
      return isRight;
    } finally {
      await this.#settle(lanes, outcome);
    }
  }

  async #wait(waitMs: number): Promise<void> {
    if (waitMs <= 0) return;
    if (this.#waiting >= MAX_WAITING) throw tooManyAttempts(LONGEST_WAIT_MS);
    this.#waiting += 1;
    try {
      await sleep(waitMs, undefined, { signal: this.#stopping.signal });
    } catch {
      // Shutting down: nobody guesses faster by it than once per start.
    } finally {
      this.#waiting -= 1;
    }
  }

  #take(lanes: Lane[]): Promise<Turn> {
    // The connection logs its outages itself.
    return this.#shared.take(lanes).catch(() => this.#local.take(lanes));
  }

  async #settle(lanes: Lane[], outcome: Outcome): Promise<void> {
    await Promise.all([this.#local.settle(lanes, outcome), this.#shared.settle(lanes, outcome).catch(() => undefined)]);
  }
}
