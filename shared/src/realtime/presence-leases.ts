import type { Redis } from 'ioredis';
import { channels } from './channels.js';
import { redisKey } from './keys.js';
import { executePipeline, publishOnPrimary } from './primary.js';

/** One open connection of one user. */
export interface PresenceLease {
  userId: string;
  connectionId: string;
}

/** ZSET of the open connections of a user: member connectionId, score = when the lease expires (ms since the epoch). */
export const leaseKey = (userId: string) => redisKey(`presence:lease:${userId}`);
/** ZSET of the users with a lease: member userId, score = when presence-service has to evaluate the user again (ms). presence-service changes and removes its members. */
export const PRESENCE_DUE_KEY = redisKey('presence:due');

/**
 * Opens or renews the leases of these connections for `leaseMs` from now; gateways call it well before the leases expire. A user whose first
 * valid lease this is, is published on `channels.presenceLeases`.
 */
export async function renewLeases(redis: Redis, leases: PresenceLease[], leaseMs = 30_000): Promise<void> {
  if (leases.length === 0) return;
  const now = Date.now();
  const expiresAt = now + leaseMs;
  const pipeline = redis.pipeline();
  for (const { userId, connectionId } of leases) {
    const key = leaseKey(userId);
    pipeline.zcount(key, `(${now}`, '+inf');
    pipeline.zadd(key, expiresAt, connectionId);
    pipeline.zremrangebyscore(key, '-inf', now);
    pipeline.pexpire(key, leaseMs * 4);
    // NX: a user that has no planned evaluation is evaluated now; a planned one is never postponed by a renewal.
    pipeline.zadd(PRESENCE_DUE_KEY, 'NX', now, userId);
  }
  const results = await executePipeline(pipeline);
  const opened = new Set(leases.filter((_, index) => results[index * 5] === 0).map(({ userId }) => userId));
  if (opened.size === 0) return;
  const publish = redis.pipeline();
  for (const userId of opened) publish.publish(channels.presenceLeases, JSON.stringify({ userId }));
  await publishOnPrimary(publish);
}

/** Ends a lease at once, and has presence-service evaluate the user now, or as soon as it is available. */
export async function releaseLease(redis: Redis, userId: string, connectionId: string): Promise<void> {
  const now = Date.now();
  const pipeline = redis.pipeline();
  // Ended, not removed: a connection that ended before presence-service evaluated the user still counts. The next renewal removes it.
  pipeline.zadd(leaseKey(userId), 'XX', now, connectionId);
  pipeline.zadd(PRESENCE_DUE_KEY, now, userId);
  pipeline.publish(channels.presenceLeases, JSON.stringify({ userId }));
  await executePipeline(pipeline);
}
