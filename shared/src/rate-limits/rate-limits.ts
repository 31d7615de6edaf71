import type { Redis } from 'ioredis';
import { Counter, register } from 'prom-client';
import { type RateLimit, type RateLimitConfig, rateLimitScale } from '../config/index.js';
import { AppError } from '../errors/index.js';
import { networkOf } from '../http/index.js';
import { redisKey } from '../realtime/keys.js';
import { RateLimiter } from './rate-limiter.js';
import { RedisAvailability, RedisCounters } from './redis-counters.js';

/** A Redis that is frozen holds up one request in a second for this time. */
const DEADLINE_MS = 250;

/** Where an operation comes from. */
export interface RequestSource {
  /** The user, or another key that has the limit of one user, such as the digest of an e-mail address. */
  user?: string | null;
  /** The IP address; IPv6 addresses count by /64. Null: unknown, and not limited. */
  address?: string | null;
}

/** The limits of a service. */
export interface RateLimitsOptions<Class extends string> {
  /** The points per time of each class of operations, from the variables. */
  classes: Record<Class, RateLimit>;
  config: RateLimitConfig;
  isProduction: boolean;
  /** From `createRedis`, closed by its owner. Services that use the same class count together. */
  redis: Redis;
  /** For tests: how long `take` waits for Redis. */
  deadlineMs?: number;
}

interface LimitersOfClass {
  user: RateLimiter;
  /** Of requests without a user. */
  address: RateLimiter;
  /** Of all users of an address together. */
  sharedAddress: RateLimiter;
}

const refusals =
  (register.getSingleMetric('rate_limit_refusals_total') as Counter<'class'> | undefined) ??
  new Counter({ name: 'rate_limit_refusals_total', help: 'Operations that were refused (RATE_LIMITED), by class', labelNames: ['class'] });

/**
 * Limits the operations of each class per user and per address, in a sliding window. An operation of a user takes points of the user and of
 * the address, which has the limit of RATE_LIMIT_USERS_PER_ADDRESS users; an operation without a user takes points of the address, which then
 * has the limit itself. Redis counts for all processes; while it is unavailable, frozen, or accepts no writes, each process grants half of the
 * limits from its own count, and no request waits for Redis. Refused operations are not counted.
 */
export class RateLimits<Class extends string> {
  private readonly limiters: Record<Class, LimitersOfClass>;

  constructor({ classes, config, isProduction, redis, deadlineMs = DEADLINE_MS }: RateLimitsOptions<Class>) {
    const scale = rateLimitScale(config, isProduction);
    const availability = new RedisAvailability(redis, deadlineMs);
    const limiter = (name: string, { points, seconds }: RateLimit, factor = 1) => {
      const scaled = { points: points * scale * factor, seconds };
      return new RateLimiter(scaled, new RedisCounters(availability, redisKey(`rate-limit:${name}:${seconds}s`), scaled));
    };
    const entries = Object.entries<RateLimit>(classes).map(([name, limit]): [string, LimitersOfClass] => [
      name,
      {
        user: limiter(`${name}:user`, limit),
        address: limiter(`${name}:address`, limit),
        sharedAddress: limiter(`${name}:shared-address`, limit, config.usersPerAddress),
      },
    ]);
    this.limiters = Object.fromEntries(entries) as Record<Class, LimitersOfClass>;
  }

  /** Throws RATE_LIMITED (`rate-limit/<class>`, with `retryAfterSeconds`) if the points exceed a limit. Exact for all processes: one round trip to Redis. */
  async take(name: Class, source: RequestSource, points = 1): Promise<void> {
    const keys = this.keysOf(name, source);
    for (const [limiter, key] of keys) refuseIfPositive(name, limiter.waitMs(key, points));
    // Redis gets both commands at once, so one of them may count points that the other refuses.
    const waits = await Promise.all(keys.map(([limiter, key]) => limiter.take(key, points)));
    refuseIfPositive(name, Math.max(0, ...waits));
  }

  /** Like `take`, without waiting for Redis: for operations that cost little and are frequent. See RateLimiter. */
  takeAtOnce(name: Class, source: RequestSource, points = 1): void {
    const keys = this.keysOf(name, source);
    for (const [limiter, key] of keys) refuseIfPositive(name, limiter.waitMs(key, points));
    for (const [limiter, key] of keys) limiter.takeAtOnce(key, points);
  }

  /** Throws RATE_LIMITED if one point would exceed a limit, as far as this process knows, and counts nothing. */
  checkAtOnce(name: Class, source: RequestSource): void {
    for (const [limiter, key] of this.keysOf(name, source)) refuseIfPositive(name, limiter.waitMs(key, 1));
  }

  /** Gives a user the whole limit again; the limit of the address stays. As far as Redis is available. */
  reset(name: Class, user: string): Promise<void> {
    return this.limiters[name].user.reset(user);
  }

  private keysOf(name: Class, { user, address }: RequestSource): [RateLimiter, string][] {
    const { [name]: limiters } = this.limiters;
    const keys: [RateLimiter, string][] = [];
    if (user) keys.push([limiters.user, user]);
    if (address) keys.push([user ? limiters.sharedAddress : limiters.address, networkOf(address)]);
    return keys;
  }
}

/** RATE_LIMITED with the time after which a client may try again, in whole seconds, at least one. */
export function rateLimited(code: string, waitMs: number): AppError {
  const retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1000));
  return new AppError('rate-limited', code, `Too many requests. Try again in ${retryAfterSeconds} s.`, { details: { retryAfterSeconds } });
}

function refuseIfPositive(name: string, waitMs: number): void {
  if (waitMs <= 0) return;
  refusals.inc({ class: name });
  throw rateLimited(`rate-limit/${name}`, waitMs);
}
