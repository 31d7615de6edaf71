import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { LOGGER, type Log } from '@chat/shared/observability';
import { createRedis } from '@chat/shared/realtime';
import type { Redis } from 'ioredis';
import { AuthConfig } from '../config.js';
import { AttemptDelay } from './attempt-delay.js';
import { MemoryAttemptStore, type Outcome, type Reservation } from './attempt-store.js';
import { tooManyAttempts } from './login-throttle.errors.js';
import { attemptDelaySeconds, attemptsRefused } from './login-throttle.metrics.js';
import { RedisAttemptStore } from './redis-attempt-store.js';
import { MAX_WAIT_MS, type ThrottleKey } from './throttle-keys.js';

/** Each waiting attempt needs memory and a connection. */
const MAX_WAITING = 500;

/**
 * Slows down the guessing of passwords: after some failures each attempt waits, longer with each failure, before the password is checked,
 * whether it is right or wrong. Failures are counted in Redis for all instances; while Redis is unavailable or accepts no writes, each
 * instance counts its own.
 */
@Injectable()
export class LoginThrottle implements OnApplicationShutdown {
  readonly #redis: Redis;
  readonly #shared: RedisAttemptStore;
  readonly #local = new MemoryAttemptStore();
  #waiting = 0;
  /** False while Redis counts no failures: a replica, or a full memory or disk, still answers reads, as if there were no failures. */
  #isCountedInRedis = true;

  constructor(
    config: AuthConfig,
    private readonly delay: AttemptDelay,
    @Inject(LOGGER) logger: Log,
  ) {
    this.#redis = createRedis(config.redis, 'login-throttle', logger);
    this.#shared = new RedisAttemptStore(this.#redis);
  }

  onApplicationShutdown(): void {
    this.#redis.disconnect();
  }

  /** Runs the check after the delay of its keys. Throws RATE_LIMITED if the delay would be too long. */
  async run(keys: ThrottleKey[], check: () => Promise<boolean>): Promise<boolean> {
    const reservation = await this.#reserve(keys);
    if ('retryAfterMs' in reservation) {
      attemptsRefused.inc();
      throw tooManyAttempts(reservation.retryAfterMs);
    }
    attemptDelaySeconds.observe(reservation.waitMs / 1000);
    let outcome: Outcome = 'undecided';
    try {
      await this.#wait(reservation.waitMs);
      const isRight = await check();
      outcome = isRight ? 'right' : 'wrong';
      return isRight;
    } finally {
      await this.#record(keys, outcome);
    }
  }

  async #wait(waitMs: number): Promise<void> {
    if (waitMs <= 0) return;
    if (this.#waiting >= MAX_WAITING) throw tooManyAttempts(MAX_WAIT_MS);
    this.#waiting += 1;
    try {
      await this.delay.wait(waitMs);
    } finally {
      this.#waiting -= 1;
    }
  }

  #reserve(keys: ThrottleKey[]): Promise<Reservation> {
    if (!this.#isCountedInRedis) return this.#local.reserve(keys);
    // The connection logs its outages itself.
    return this.#shared.reserve(keys).catch(() => this.#local.reserve(keys));
  }

  async #record(keys: ThrottleKey[], outcome: Outcome): Promise<void> {
    await Promise.all([this.#local.record(keys, outcome), this.#recordInRedis(keys, outcome)]);
  }

  async #recordInRedis(keys: ThrottleKey[], outcome: Outcome): Promise<void> {
    try {
      await this.#shared.record(keys, outcome);
      if (outcome === 'wrong') this.#isCountedInRedis = true;
    } catch {
      this.#isCountedInRedis = false;
    }
  }
}
