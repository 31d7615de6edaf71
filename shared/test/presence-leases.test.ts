import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { channels, leaseKey, PRESENCE_DUE_KEY, releaseLease, renewLeases } from '../src/realtime/index.js';
import { eventually } from '../src/testing/index.js';
import { redis, openChannels, useLiveRedis } from './kit/live-redis.js';

useLiveRedis();

describe('presence leases', () => {
  it('are published when the first is opened and when one is released, not when they are renewed', async () => {
    const { live } = await openChannels();
    const userId = randomUUID();
    const received: string[] = [];
    await live.subscribe(channels.presenceLeases, (text) => {
      const { userId: whose } = JSON.parse(text) as { userId: string };
      if (whose === userId) received.push(whose);
    });
    await renewLeases(redis, [{ userId, connectionId: 'c1' }], 30_000);
    await eventually(() => received.length === 1);
    await renewLeases(redis, [{ userId, connectionId: 'c1' }], 30_000);
    await renewLeases(redis, [{ userId, connectionId: 'c2' }], 30_000);
    expect(await redis.zrange(leaseKey(userId), 0, -1)).toEqual(['c1', 'c2']);
    // The user is due, so that presence-service evaluates it even if it missed the message.
    expect(Number(await redis.zscore(PRESENCE_DUE_KEY, userId))).toBeLessThanOrEqual(Date.now());
    await releaseLease(redis, userId, 'c1');
    await eventually(() => received.length === 2);
    expect(await redis.zrangebyscore(leaseKey(userId), `(${Date.now()}`, '+inf')).toEqual(['c2']);
    expect(Number(await redis.zscore(PRESENCE_DUE_KEY, userId))).toBeLessThanOrEqual(Date.now());
    await releaseLease(redis, userId, 'c2');
    await redis.zrem(PRESENCE_DUE_KEY, userId);
  });

  it('count as opened again when all earlier ones have expired', async () => {
    const { live } = await openChannels();
    const userId = randomUUID();
    let received = 0;
    await live.subscribe(channels.presenceLeases, (text) => {
      if (text.includes(userId)) received++;
    });
    await renewLeases(redis, [{ userId, connectionId: 'dead' }], 30);
    await eventually(() => received === 1);
    await eventually(async () => (await redis.zcount(leaseKey(userId), Date.now(), '+inf')) === 0);
    await renewLeases(redis, [{ userId, connectionId: 'new' }], 30_000);
    await eventually(() => received === 2);
    expect(await redis.zrange(leaseKey(userId), 0, -1)).toEqual(['new']);
    await releaseLease(redis, userId, 'new');
    await redis.zrem(PRESENCE_DUE_KEY, userId);
  });

  it('renews many leases in one pipeline', async () => {
    const users = Array.from({ length: 500 }, () => randomUUID());
    await renewLeases(
      redis,
      users.map((userId) => ({ userId, connectionId: 'c' })),
    );
    expect(await redis.zscore(leaseKey(users[499]!), 'c')).toBeTruthy();
    await Promise.all(users.map((userId) => releaseLease(redis, userId, 'c')));
    await redis.zrem(PRESENCE_DUE_KEY, ...users);
  });
});
