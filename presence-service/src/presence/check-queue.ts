import { Inject, Injectable } from '@nestjs/common';
import { channels, PRESENCE_DUE_KEY } from '@chat/shared/realtime';
import type { Redis } from 'ioredis';
import { REDIS } from './redis.token.js';

/** The users to check now, the end of the claim, and the time of the next check in the queue (ms; null: the queue is empty). */
export interface Claim {
  userIds: string[];
  claimedUntilMs: number;
  nextCheckMs: number | null;
}

/** The result of evaluations: the time of the next check of each user; null: none. */
export type NextChecks = Map<string, number | null>;

/** A claim moves its users into the future instead of removing them: if this process crashes, another one checks them. */
const CLAIM = `
local ids = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])
for _, id in ipairs(ids) do redis.call('ZADD', KEYS[1], ARGV[3], id) end
local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
return { ids, first[2] or false }`;

/** A user whose entry was changed during the claim stays as it is. */
const SETTLE = `
for i = 2, #ARGV, 2 do
  local score = redis.call('ZSCORE', KEYS[1], ARGV[i])
  if score and tonumber(score) == tonumber(ARGV[1]) then
    if ARGV[i + 1] == '' then redis.call('ZREM', KEYS[1], ARGV[i])
    else redis.call('ZADD', KEYS[1], ARGV[i + 1], ARGV[i]) end
  end
end`;

/**
 * The users whose presence has to be checked, and when: one sorted set in Redis for all instances of this service.
 * Every present user is in it. An entry is removed only after its evaluation is stored, so a process that crashes loses no change.
 */
@Injectable()
export class PresenceCheckQueue {
  constructor(@Inject(REDIS) private readonly redis: Redis) {}

  /** Takes up to `limit` users whose check is due, for this process alone until the claim ends. */
  async claim(limit: number, claimMs: number): Promise<Claim> {
    const nowMs = Date.now();
    // The fraction makes the score unique: SETTLE concludes from it that the entry was not changed.
    const claimedUntilMs = nowMs + claimMs + Math.random();
    const [userIds, nextCheckMs] = (await this.redis.eval(CLAIM, 1, PRESENCE_DUE_KEY, nowMs, limit, claimedUntilMs)) as [
      string[],
      string | null,
    ];
    return { userIds, claimedUntilMs, nextCheckMs: nextCheckMs === null ? null : Number(nextCheckMs) };
  }

  /** Call it when the evaluations are stored. */
  async settle(claim: Claim, nextChecks: NextChecks): Promise<void> {
    const args = [...nextChecks].flatMap(([userId, nextMs]) => [userId, nextMs === null ? '' : String(nextMs)]);
    await this.redis.eval(SETTLE, 1, PRESENCE_DUE_KEY, claim.claimedUntilMs, ...args);
  }

  /** Makes the check of these users due and wakes the instances. Call it with their rows locked: the evaluation then waits for the commit. */
  async checkNow(userIds: string[]): Promise<void> {
    if (userIds.length === 0) return;
    const nowMs = Date.now();
    await this.redis.zadd(PRESENCE_DUE_KEY, ...userIds.flatMap((userId) => [nowMs, userId]));
    await this.redis.publish(channels.presenceLeases, JSON.stringify({ userId: userIds[0] }));
  }

  /** Schedules a check of the users that have none. */
  async scheduleIfAbsent(userIds: string[], atMs: number): Promise<void> {
    if (userIds.length === 0) return;
    await this.redis.zadd(PRESENCE_DUE_KEY, 'NX', ...userIds.flatMap((userId) => [atMs, userId]));
  }
}
