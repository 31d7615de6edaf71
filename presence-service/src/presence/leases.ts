import { Inject, Injectable } from '@nestjs/common';
import { executePipeline, leaseKey, releaseLease, renewLeases } from '@chat/shared/realtime';
import type { Redis } from 'ioredis';
import { PresenceServiceConfig } from '../config.js';
import { REDIS } from './redis.token.js';

/** The connection id of users without a socket. Gateways generate ids for their sockets, which are UUIDs. */
const HEARTBEAT = 'heartbeat';

/** The presence leases of users. Gateways write them for sockets, this service for heartbeats. */
@Injectable()
export class Leases {
  constructor(
    @Inject(REDIS) private readonly redis: Redis,
    private readonly config: PresenceServiceConfig,
  ) {}

  /** For each user the end of the longest lease, in the future or in the past (ms); null without a lease. */
  async lastEnds(userIds: string[]): Promise<(number | null)[]> {
    if (userIds.length === 0) return [];
    const pipeline = this.redis.pipeline();
    for (const userId of userIds) pipeline.zrevrange(leaseKey(userId), 0, 0, 'WITHSCORES');
    const answers = (await executePipeline(pipeline)) as string[][];
    return answers.map(([, endMs]) => (endMs === undefined ? null : Number(endMs)));
  }

  async hasSocket(userId: string): Promise<boolean> {
    const valid = await this.redis.zrangebyscore(leaseKey(userId), `(${Date.now()}`, '+inf');
    return valid.some((connectionId) => connectionId !== HEARTBEAT);
  }

  async beat(userId: string): Promise<void> {
    await renewLeases(this.redis, [{ userId, connectionId: HEARTBEAT }], this.config.heartbeatMs);
  }

  async releaseHeartbeat(userId: string): Promise<void> {
    await releaseLease(this.redis, userId, HEARTBEAT);
  }

  /** Removes all leases of these users, valid ones, too. */
  async removeAll(userIds: string[]): Promise<void> {
    if (userIds.length > 0) await this.redis.del(...userIds.map(leaseKey));
  }

  /** Removes the leases that ended up to this time. Only after their end has been evaluated. */
  async removeEnded(userIds: string[], upToMs: number): Promise<void> {
    if (userIds.length === 0) return;
    const pipeline = this.redis.pipeline();
    for (const userId of userIds) pipeline.zremrangebyscore(leaseKey(userId), '-inf', upToMs);
    await executePipeline(pipeline);
  }
}
