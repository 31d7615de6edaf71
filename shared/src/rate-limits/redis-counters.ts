import type { Redis } from 'ioredis';
import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { TimeoutError } from '../async/index.js';
import type { RateLimit } from '../config/index.js';
import { WINDOW_PARTS } from './sliding-window.js';

/** After a failure Redis is not asked for this time, so that not every request waits for the deadline. */
const RETRY_AFTER_MS = 1000;

/**
 * SlidingWindow for all processes together, by the clock of Redis: a hash with the points of each part. The package counts in fixed windows,
 * which let twice the limit through at their edge, and accepts another script. Refused points are not counted. The package calls it with the
 * points, the seconds of the window and the limit, and expects the points that are consumed (above the limit: refused) and milliseconds.
 */
const SLIDING_WINDOW_SCRIPT = `
local points, seconds, limit = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local part_ms = seconds * 1000 / ${WINDOW_PARTS}
local newest = math.floor(now / part_ms)
local oldest = newest - ${WINDOW_PARTS}
local stored = redis.call('HGETALL', KEYS[1])
local parts, outdated, sum = {}, {}, 0
for i = 1, #stored, 2 do
  local part = tonumber(stored[i])
  if part < oldest then outdated[#outdated + 1] = stored[i]
  else parts[part] = tonumber(stored[i + 1]); sum = sum + parts[part] end
end
if sum + points > limit then
  for part = oldest, newest do
    sum = sum - (parts[part] or 0)
    if sum + points <= limit then return {limit + 1, math.ceil((part + ${WINDOW_PARTS + 1}) * part_ms - now)} end
  end
  return {limit + 1, math.ceil((newest + ${WINDOW_PARTS + 1}) * part_ms - now)}
end
if #outdated > 0 then redis.call('HDEL', KEYS[1], unpack(outdated)) end
redis.call('HINCRBY', KEYS[1], string.format('%.0f', newest), points)
redis.call('PEXPIRE', KEYS[1], math.ceil(${WINDOW_PARTS + 1} * part_ms))
return {sum + points, 0}
`;

/** Whether Redis counts at present; shared by all counters of a connection. */
export class RedisAvailability {
  private retryAtMs = 0;

  constructor(
    readonly redis: Redis,
    /** A Redis that is frozen holds up a request for at most this time. */
    readonly deadlineMs: number,
  ) {}

  get isAvailable(): boolean {
    return this.redis.status === 'ready' && performance.now() >= this.retryAtMs;
  }

  /** Resolves or rejects as the command does; rejects after the deadline. */
  async inTime(command: Promise<unknown>): Promise<void> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    // After a pause of this process, timers run before an answer that has arrived meanwhile is read: it is read first.
    const timer = setTimeout(() => setImmediate(() => reject(new TimeoutError(this.deadlineMs))), this.deadlineMs);
    try {
      await Promise.race([command, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** The connection logs its outages itself. */
  failed(): void {
    this.retryAtMs = performance.now() + RETRY_AFTER_MS;
  }
}

/** The counters of one limit in Redis. */
export class RedisCounters {
  private readonly limiter: RateLimiterRedis;

  constructor(
    private readonly availability: RedisAvailability,
    keyPrefix: string,
    { points, seconds }: RateLimit,
  ) {
    this.limiter = new RateLimiterRedis({
      storeClient: availability.redis,
      keyPrefix,
      points,
      duration: seconds,
      customIncrTtlLuaScript: SLIDING_WINDOW_SCRIPT,
      rejectIfRedisNotReady: true,
    });
  }

  get isAvailable(): boolean {
    return this.availability.isAvailable;
  }

  /** 0: the points are counted. Otherwise they are refused, and may have room after this number of milliseconds. Rejects while Redis does not count. */
  async take(key: string, points: number): Promise<number> {
    try {
      await this.availability.inTime(this.limiter.consume(key, points));
      return 0;
    } catch (refusal) {
      if (refusal instanceof RateLimiterRes) return Math.max(1, refusal.msBeforeNext);
      this.availability.failed();
      throw refusal;
    }
  }

  async reset(key: string): Promise<void> {
    await this.availability.inTime(this.limiter.delete(key));
  }
}
