import { Redis, type RedisOptions } from 'ioredis';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../observability/logger.js';
import type { RedisConfig } from '../config/index.js';
import { backoffMs, withTimeout } from '../async/index.js';
import { AppError } from '../errors/index.js';
import { clusterConnector, type RedisNode } from './cluster-connector.js';
import { followPrimary, requirePrimary } from './primary.js';

const COMMAND_TIMEOUT_MS = 2000;
const RECONNECT_BACKOFF = { firstMs: 50, maxMs: 1000, jitter: 0.25 };
const HEALTH_CHECK_INTERVAL_MS = 5000;
/** While no primary is found, reads stay possible on the connection in between. */
const READ_ONLY_RECONNECT_MS = 5000;
/** A node of a cluster that has not learnt yet where the keys are may lead to the former one; nothing can be read there. */
const MOVED_RECONNECT_MS = 500;
/** After a pause of this process, timers run before the data that has arrived meanwhile is read: this time lets it be read first. */
const READ_WITHIN_MS = 200;

/**
 * A Redis connection that reconnects without end. While Redis is unavailable, commands reject at once instead of waiting in a queue, with
 * errors of which `isTransient` is true; a command takes 2 s at most. Each outage is logged once. A check every 5 s finds a connection on
 * which Redis does not answer any more, and replaces it. After a failover, the former primary may keep the connection: then it is replaced as
 * well, because the address leads to the new primary. In a Redis Cluster it is the connection to the primary of all keys (`redisKey`).
 */
export function createRedis(config: RedisConfig, name: string, logger: Log, healthCheckIntervalMs = HEALTH_CHECK_INTERVAL_MS): Redis {
  const redis = new Redis(config.url, {
    connectionName: name,
    enableOfflineQueue: false,
    commandTimeout: COMMAND_TIMEOUT_MS,
    connectTimeout: COMMAND_TIMEOUT_MS,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    // LiveChannels and RevokedSessions subscribe again by themselves, because they need to know when it is done.
    autoResubscribe: false,
    retryStrategy: (attempt) => backoffMs(attempt - 1, RECONNECT_BACKOFF),
    reconnectOnError: reconnectToPrimary(),
    ...sentinelOptions(config),
    ...(config.clusterNodes.length > 0 ? { Connector: clusterConnector(config.clusterNodes.map(nodeOf)) } : {}),
  });
  let unavailable = false;
  redis.on('error', (error: Error) => {
    if (unavailable) return;
    unavailable = true;
    logger.warn({ redis: name, reason: error.message || (error as NodeJS.ErrnoException).code }, 'Redis is unavailable');
  });
  redis.on('close', () => {
    if (unavailable || redis.status === 'end') return;
    unavailable = true;
    logger.warn({ redis: name }, 'Redis connection lost');
  });
  redis.on('ready', () => {
    if (unavailable) logger.info({ redis: name }, 'Redis is available again');
    unavailable = false;
  });
  const healthCheck = setInterval(() => void checkConnection(redis, name, logger), healthCheckIntervalMs).unref();
  redis.on('end', () => clearInterval(healthCheck));
  return redis;
}

/** With Sentinels, they name the address of the primary at each connect, and a server that is not the primary is not accepted. */
function sentinelOptions({ url, sentinels, sentinelName, sentinelPassword }: RedisConfig): RedisOptions {
  if (sentinels.length === 0) return {};
  return {
    sentinels: sentinels.map(nodeOf),
    name: sentinelName,
    enableTLSForSentinelMode: url.startsWith('rediss:'),
    ...(sentinelPassword ? { sentinelPassword } : {}),
  };
}

function nodeOf(hostAndPort: string): RedisNode {
  const { hostname, port } = new URL(`redis://${hostAndPort}`);
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) };
}

/** A connection for SUBSCRIBE. It stays on the server of `commands`, a connection of `createRedis` to the same Redis. */
export function createSubscriber(config: RedisConfig, name: string, commands: Redis, logger: Log): Redis {
  const subscriber = createRedis(config, name, logger);
  followPrimary(subscriber, commands, logger);
  return subscriber;
}

/** READONLY: the server is a replica. MOVED: another node of the cluster has the keys. */
function reconnectToPrimary(): (error: Error) => boolean {
  let reconnectedAt = -Infinity;
  return ({ message }) => {
    const now = performance.now();
    const waitMs = message.startsWith('MOVED') ? MOVED_RECONNECT_MS : READ_ONLY_RECONNECT_MS;
    if (!/^(READONLY|MOVED)\b/.test(message) || now - reconnectedAt < waitMs) return false;
    reconnectedAt = now;
    return true;
  };
}

/**
 * Redis may disappear without closing the connection, together with its host or the network. A subscriber would never notice it, and a client
 * that writes only after a quarter of an hour.
 */
async function checkConnection(redis: Redis, name: string, logger: Log): Promise<void> {
  if (redis.status !== 'ready') return;
  const { stream } = redis;
  const bytesBefore = stream.bytesRead;
  try {
    // A subscriber may only send PING; followPrimary keeps it on the primary.
    await (redis.mode === 'subscriber' ? redis.ping() : requirePrimary(redis, name, logger));
  } catch {
    await sleep(READ_WITHIN_MS);
    if (redis.stream === stream && redis.status === 'ready' && stream.bytesRead === bytesBefore) stream.destroy();
  }
}

/** Resolves when commands can be sent; rejects with `redis/unavailable` after `timeoutMs`. */
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
