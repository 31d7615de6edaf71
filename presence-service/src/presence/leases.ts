import { Inject, Injectable } from '@nestjs/common';
import { leaseKey, releaseLease, renewLeases } from '@chat/shared/realtime';
import type { ChainableCommander, Redis } from 'ioredis';
import { PresenceServiceConfig } from '../config.js';
import { REDIS } from './redis.token.js';

/** The connection id of people without a socket. Gateways use ids of their own making, which are UUIDs. */
const HEARTBEAT = 'heartbeat';

/** Who holds a lease. Gateways write them for sockets, this service for heartbeats. */
@Injectable()
export class Leases {
  constructor(
    @Inject(REDIS) private readonly redis: Redis,
    private readonly config: PresenceServiceConfig,
  ) {}

  /** For each person, when the longest lease ends or ended (ms); null without any. */
  async lastEnds(userIds: string[]): Promise<(number | null)[]> {
    if (userIds.length === 0) return [];
    const pipeline = this.redis.pipeline();
    for (const userId of userIds) pipeline.zrevrange(leaseKey(userId), 0, 0, 'WITHSCORES');
    const answers = (await resultsOf(pipeline)) as string[][];
    return answers.map(([, endMs]) => (endMs === undefined ? null : Number(endMs)));
  }

  async hasSocket(userId: string): Promise<boolean> {
    const living = await this.redis.zrangebyscore(leaseKey(userId), `(${Date.now()}`, '+inf');
    return living.some((connectionId) => connectionId !== HEARTBEAT);
  }

  async beat(userId: string): Promise<void> {
    await renewLeases(this.redis, [{ userId, connectionId: HEARTBEAT }], this.config.heartbeatMs);
  }

  async endHeartbeat(userId: string): Promise<void> {
    await releaseLease(this.redis, userId, HEARTBEAT);
  }

  /** All leases of these people, also those that live. */
  async forgetAll(userIds: string[]): Promise<void> {
    if (userIds.length > 0) await this.redis.del(...userIds.map(leaseKey));
  }

  /** Forgets leases that ended by this time; whoever looked at them has noted when. */
  async forgetEnded(userIds: string[], byMs: number): Promise<void> {
    if (userIds.length === 0) return;
    const pipeline = this.redis.pipeline();
    for (const userId of userIds) pipeline.zremrangebyscore(leaseKey(userId), '-inf', byMs);
    await resultsOf(pipeline);
  }
}

/** A pipeline's answers; throws when one of its commands failed. */
export async function resultsOf(pipeline: ChainableCommander): Promise<unknown[]> {
  const results = (await pipeline.exec()) ?? [];
  return results.map(([error, result]) => {
    if (error) throw error;
    return result;
  });
}
