import { Inject, Injectable } from '@nestjs/common';
import { channels, PRESENCE_DUE_KEY } from '@chat/shared/realtime';
import type { Redis } from 'ioredis';
import { REDIS } from './redis.token.js';

/** Whom to look at now, until when nobody else will, and when the next one is due (ms; null: nobody is). */
export interface Claim {
  userIds: string[];
  claimedUntilMs: number;
  nextDueMs: number | null;
}

/** What came of a look: when to look again; null: not by time alone. */
export type NextLooks = Map<string, number | null>;

/** A claim moves the people it takes into the future instead of removing them: they come back if this process dies. */
const CLAIM = `
local ids = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])
for _, id in ipairs(ids) do redis.call('ZADD', KEYS[1], ARGV[3], id) end
local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
return { ids, first[2] or false }`;

/** Who was made due by somebody else during the claim stays due. */
const SETTLE = `
for i = 2, #ARGV, 2 do
  local score = redis.call('ZSCORE', KEYS[1], ARGV[i])
  if score and tonumber(score) == tonumber(ARGV[1]) then
    if ARGV[i + 1] == '' then redis.call('ZREM', KEYS[1], ARGV[i])
    else redis.call('ZADD', KEYS[1], ARGV[i + 1], ARGV[i]) end
  end
end`;

/**
 * The people whose presence has to be looked at, and when: one sorted set in Redis for all instances of this service.
 * Everyone present is in it. Nobody leaves it but by a look that was finished, so a process that dies loses no change.
 */
@Injectable()
export class DuePeople {
  constructor(@Inject(REDIS) private readonly redis: Redis) {}

  /** Takes up to `limit` due people, for this process alone as long as the claim lasts. */
  async claim(limit: number, claimMs: number): Promise<Claim> {
    const nowMs = Date.now();
    // The fraction makes the claim its own: SETTLE knows by it that nobody else touched the entry.
    const claimedUntilMs = nowMs + claimMs + Math.random();
    const [userIds, nextDueMs] = (await this.redis.eval(CLAIM, 1, PRESENCE_DUE_KEY, nowMs, limit, claimedUntilMs)) as [
      string[],
      string | null,
    ];
    return { userIds, claimedUntilMs, nextDueMs: nextDueMs === null ? null : Number(nextDueMs) };
  }

  /** The look is done and what it found is stored. */
  async settle(claim: Claim, nextLooks: NextLooks): Promise<void> {
    const args = [...nextLooks].flatMap(([userId, nextMs]) => [userId, nextMs === null ? '' : String(nextMs)]);
    await this.redis.eval(SETTLE, 1, PRESENCE_DUE_KEY, claim.claimedUntilMs, ...args);
  }

  /** Makes people due and wakes the instances. Call it with their rows locked: a look then waits for what is being stored. */
  async lookNow(userIds: string[]): Promise<void> {
    if (userIds.length === 0) return;
    const nowMs = Date.now();
    await this.redis.zadd(PRESENCE_DUE_KEY, ...userIds.flatMap((userId) => [nowMs, userId]));
    await this.redis.publish(channels.presenceLeases, JSON.stringify({ userId: userIds[0] }));
  }

  /** Has people looked at some time, if nothing is planned for them. */
  async lookUnlessPlanned(userIds: string[], atMs: number): Promise<void> {
    if (userIds.length === 0) return;
    await this.redis.zadd(PRESENCE_DUE_KEY, 'NX', ...userIds.flatMap((userId) => [atMs, userId]));
  }
}
