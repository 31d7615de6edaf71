import { Redis } from 'ioredis';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../observability/logger.js';
import type { RedisConfig } from '../config/index.js';
import { backoffMs, withTimeout } from '../async/index.js';
import { AppError } from '../errors/index.js';

const COMMAND_TIMEOUT_MS = 2000;
const RECONNECT_BACKOFF = { firstMs: 50, maxMs: 1000, jitter: 0.25 };
const SIGN_OF_LIFE_EVERY_MS = 5000;
/** After a pause of this process timers come before what has arrived meanwhile: let that be read first. */
const READ_WITHIN_MS = 200;

/**
 * A Redis connection that comes back by itself, for ever. While it is away commands fail at once instead of waiting in a queue
 * (`isTransient` says true of these failures), and one command takes 2 s at most. Each outage is logged once.
 * A connection that says nothing is asked for a sign of life, and given up without one.
 */
export function createRedis(config: RedisConfig, name: string, logger: Log, signOfLifeEveryMs = SIGN_OF_LIFE_EVERY_MS): Redis {
  const redis = new Redis(config.url, {
    connectionName: name,
    enableOfflineQueue: false,
    commandTimeout: COMMAND_TIMEOUT_MS,
    connectTimeout: COMMAND_TIMEOUT_MS,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    // Who subscribes subscribes again: LiveChannels and RevokedSessions have to know when it is done.
    autoResubscribe: false,
    retryStrategy: (attempt) => backoffMs(attempt - 1, RECONNECT_BACKOFF),
  });
  let away = false;
  redis.on('error', (error: Error) => {
    if (away) return;
    away = true;
    logger.warn({ redis: name, reason: error.message || (error as NodeJS.ErrnoException).code }, 'redis is away');
  });
  redis.on('close', () => {
    if (away || redis.status === 'end') return;
    away = true;
    logger.warn({ redis: name }, 'redis connection lost');
  });
  redis.on('ready', () => {
    if (away) logger.info({ redis: name }, 'redis is back');
    away = false;
  });
  const watch = setInterval(() => void askForSignOfLife(redis), signOfLifeEveryMs).unref();
  redis.on('end', () => clearInterval(watch));
  return redis;
}

/**
 * The other end may be gone without a word, with its host or the network between. Who only listens would never notice, and who writes
 * only after a quarter of an hour.
 */
async function askForSignOfLife(redis: Redis): Promise<void> {
  if (redis.status !== 'ready') return;
  const { stream } = redis;
  const heard = stream.bytesRead;
  try {
    await redis.ping();
  } catch {
    await sleep(READ_WITHIN_MS);
    if (redis.stream === stream && redis.status === 'ready' && stream.bytesRead === heard) redis.disconnect(true);
  }
}

/** Resolves when commands can be sent; rejects with `redis/unavailable` after the time. */
export async function waitForRedis(redis: Redis, timeoutMs = 5000): Promise<void> {
  if (redis.status === 'ready') return;
  const { promise: ready, resolve: onReady } = Promise.withResolvers<void>();
  redis.once('ready', onReady);
  try {
    await withTimeout(ready, timeoutMs);
  } catch (cause) {
    throw new AppError('unavailable', 'redis/unavailable', 'Redis does not answer.', { cause });
  } finally {
    redis.off('ready', onReady);
  }
}
