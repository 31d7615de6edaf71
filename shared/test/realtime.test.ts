import { FaultProxy } from '@chat/testkit/fault-proxy';
import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { silentLog } from '../src/observability/index.js';
import { RedisConfig } from '../src/config/index.js';
import { isTransient } from '../src/errors/index.js';
import {
  channels,
  createRedis,
  leaseKey,
  LiveChannels,
  PRESENCE_DUE_KEY,
  releaseLease,
  renewLeases,
  waitForRedis,
} from '../src/realtime/index.js';
import { eventually, testRedisConfig } from '../src/testing/index.js';
import { killConnections } from './kit/redis-kill.js';

let redis: Redis;
const opened: LiveChannels[] = [];
const url = () => testRedisConfig().url;

async function openChannels(): Promise<{ live: LiveChannels; name: string }> {
  const name = `live-${randomUUID()}`;
  const connection = createRedis(testRedisConfig(), name, silentLog);
  await waitForRedis(connection);
  const live = new LiveChannels(connection, silentLog);
  opened.push(live);
  return { live, name };
}

const subscribers = async (channel: string) => ((await redis.pubsub('NUMSUB', channel)) as [string, number])[1];

beforeAll(async () => {
  // A Redis database of its own: a presence-service on the same one would evaluate the leases.
  redis = createRedis(RedisConfig.fromUrl(`${testRedisConfig().url.replace(/\/\d*$/, '')}/9`), 'test', silentLog);
  await waitForRedis(redis);
});
afterEach(() => {
  for (const live of opened.splice(0)) live.close();
});
afterAll(() => redis.disconnect());

describe('createRedis', () => {
  it('rejects commands at once while Redis is unavailable, with a transient error', async () => {
    const away = createRedis(RedisConfig.fromUrl('redis://127.0.0.1:20155'), 'away', silentLog);
    const begun = performance.now();
    const failure = await away.get('x').catch((error: unknown) => error);
    expect(performance.now() - begun).toBeLessThan(2000);
    expect(isTransient(failure)).toBe(true);
    await expect(waitForRedis(away, 50)).rejects.toMatchObject({ kind: 'unavailable' });
    away.disconnect();
  });

  it('reconnects by itself, and rejects the commands in progress when the connection breaks', async () => {
    const name = `comeback-${randomUUID()}`;
    const connection = createRedis(testRedisConfig(), name, silentLog);
    await waitForRedis(connection);
    const blocked = connection.blpop(`nothing-${name}`, 10).catch((error: unknown) => error);
    await eventually(async () => (await killConnections(url(), name)) === 1);
    expect(isTransient(await blocked)).toBe(true);
    await eventually(() => connection.status === 'ready');
    expect(await connection.ping()).toBe('PONG');
    connection.disconnect();
  });
});

describe('LiveChannels', () => {
  it('subscribes a channel once for all its listeners, and unsubscribes it with the last', async () => {
    const { live } = await openChannels();
    const channel = channels.user(randomUUID());
    const received: string[] = [];
    const leaveFirst = await live.subscribe(channel, (text) => received.push(`1 ${text}`));
    const leaveSecond = await live.subscribe(channel, (text) => received.push(`2 ${text}`));
    expect(await subscribers(channel)).toBe(1);
    await redis.publish(channel, 'a');
    await eventually(() => received.length === 2);
    leaveFirst();
    leaveFirst();
    await redis.publish(channel, 'b');
    await eventually(() => received.length === 3);
    expect(received).toEqual(['1 a', '2 a', '2 b']);
    leaveSecond();
    await eventually(async () => (await subscribers(channel)) === 0);
    expect(live.size).toBe(0);
  });

  it('delivers every message that is published after subscribe has resolved', async () => {
    const { live } = await openChannels();
    for (let i = 0; i < 50; i++) {
      const channel = channels.user(randomUUID());
      const received: string[] = [];
      await Promise.all([live.subscribe(channel, (text) => received.push(text)), live.subscribe(channel, (text) => received.push(text))]);
      await redis.publish(channel, 'at once');
      await eventually(() => received.length === 2);
    }
  });

  it('delivers messages after a channel is unsubscribed and subscribed again at once', async () => {
    const { live } = await openChannels();
    const channel = channels.user(randomUUID());
    for (let i = 0; i < 20; i++) {
      const leave = await live.subscribe(channel, () => {});
      leave();
    }
    const received: string[] = [];
    await live.subscribe(channel, (text) => received.push(text));
    await redis.publish(channel, 'x');
    await eventually(() => received.length === 1);
  });

  it('continues when a listener throws', async () => {
    const { live } = await openChannels();
    const channel = channels.user(randomUUID());
    const received: string[] = [];
    await live.subscribe(channel, () => {
      throw new Error('listener');
    });
    await live.subscribe(channel, (text) => received.push(text));
    await redis.publish(channel, 'x');
    await eventually(() => received.length === 1);
  });

  it('calls its listeners when it is interrupted, and when every channel is subscribed again', async () => {
    const { live, name } = await openChannels();
    const names = Array.from({ length: 2500 }, () => channels.user(randomUUID()));
    const received = new Set<string>();
    await Promise.all(names.map((channel) => live.subscribe(channel, () => received.add(channel))));
    const events: string[] = [];
    live.onInterrupted(() => events.push('interrupted'));
    let publishedAtRestore: Promise<unknown> | undefined;
    live.onRestored(() => {
      events.push('restored');
      // Published in the moment of the callback: every channel must receive it.
      const pipeline = redis.pipeline();
      for (const channel of names) pipeline.publish(channel, 'again');
      publishedAtRestore = pipeline.exec();
    });
    expect(await killConnections(url(), name)).toBe(1);
    await eventually(() => events.includes('restored'));
    expect(events).toEqual(['interrupted', 'restored']);
    expect(live.isLive).toBe(true);
    await publishedAtRestore;
    await eventually(() => received.size === names.length);
  });

  it('accepts a subscription while Redis is unavailable, and opens it when Redis is available', async () => {
    const connection = createRedis(testRedisConfig(), `late-${randomUUID()}`, silentLog);
    const live = new LiveChannels(connection, silentLog);
    opened.push(live);
    const channel = channels.user(randomUUID());
    const received: string[] = [];
    let restored = false;
    live.onRestored(() => (restored = true));
    await live.subscribe(channel, (text) => received.push(text));
    await eventually(() => restored);
    await redis.publish(channel, 'x');
    await eventually(() => received.length === 1);
  });
});

describe('a connection that stops transferring data without closing', () => {
  let proxy: FaultProxy;
  const redisOverProxy = async (): Promise<Redis> => {
    proxy = await FaultProxy.start(url(), 6379);
    const connection = createRedis(RedisConfig.fromUrl(`redis://127.0.0.1:${proxy.port}`), 'silent', silentLog, 200);
    await waitForRedis(connection);
    return connection;
  };
  afterEach(() => proxy?.close());

  it('is noticed by a subscriber, and `onRestored` reports the missed messages', async () => {
    const live = new LiveChannels(await redisOverProxy(), silentLog);
    opened.push(live);
    const channel = channels.user(randomUUID());
    const received: string[] = [];
    await live.subscribe(channel, (text) => received.push(text));
    let restored = false;
    live.onRestored(() => (restored = true));
    proxy.stallOpen();
    await redis.publish(channel, 'missed');
    await eventually(() => restored);
    await redis.publish(channel, 'after');
    await eventually(() => received.length > 0);
    expect(received).toEqual(['after']);
  });

  it('is replaced for a client that only writes', async () => {
    const connection = await redisOverProxy();
    proxy.stallOpen();
    await eventually(async () => (await connection.ping().catch(() => null)) === 'PONG');
    connection.disconnect();
  });

  it('is told from an idle one', async () => {
    const connection = await redisOverProxy();
    let closed = 0;
    connection.on('close', () => closed++);
    await connection.subscribe(channels.user(randomUUID()));
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(closed).toBe(0);
    connection.disconnect();
  });
});

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
