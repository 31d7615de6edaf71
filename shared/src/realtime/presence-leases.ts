import type { ChainableCommander, Redis } from 'ioredis';
import { channels } from './channels.js';

/** One open connection of one person. */
export interface PresenceLease {
  userId: string;
  connectionId: string;
}

/** ZSET of one person's open connections: member connectionId, score = when the lease runs out (ms). */
export const leaseKey = (userId: string) => `presence:lease:${userId}`;
/** ZSET of everybody with a lease: member userId, score = when presence-service should look again (ms). presence-service moves and removes its members. */
export const PRESENCE_DUE_KEY = 'presence:due';

/**
 * Says that these connections are alive for `leaseMs` from now; gateways call it well before the lease runs out.
 * Whose first living lease this is, is announced on `channels.presenceLeases`.
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
    // NX: who was not waited for is looked at now; a look already due is never put off by a renewal.
    pipeline.zadd(PRESENCE_DUE_KEY, 'NX', now, userId);
  }
  const results = await exec(pipeline);
  const opened = new Set(leases.filter((_, index) => results[index * 5] === 0).map(({ userId }) => userId));
  if (opened.size === 0) return;
  const announce = redis.pipeline();
  for (const userId of opened) announce.publish(channels.presenceLeases, JSON.stringify({ userId }));
  await exec(announce);
}

/** Ends one lease at once, and has presence-service look at that person now, also if it is away at the moment. */
export async function releaseLease(redis: Redis, userId: string, connectionId: string): Promise<void> {
  const now = Date.now();
  const pipeline = redis.pipeline();
  // Ended, not removed: a stay that ended before presence-service looked still counts as one. The next renewal forgets it.
  pipeline.zadd(leaseKey(userId), 'XX', now, connectionId);
  pipeline.zadd(PRESENCE_DUE_KEY, now, userId);
  pipeline.publish(channels.presenceLeases, JSON.stringify({ userId }));
  await exec(pipeline);
}

async function exec(pipeline: ChainableCommander): Promise<unknown[]> {
  const results = (await pipeline.exec()) ?? [];
  return results.map(([error, result]) => {
    if (error) throw error;
    return result;
  });
}
