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
  // A database of its own: a presence-service on the same Redis would take the leases for real ones.
  redis = createRedis(RedisConfig.fromUrl(`${testRedisConfig().url.replace(/\/\d*$/, '')}/9`), 'test', silentLog);
  await waitForRedis(redis);
});
afterEach(() => {
  for (const live of opened.splice(0)) live.close();
});
afterAll(() => redis.disconnect());

describe('createRedis', () => {
  it('fails commands at once while Redis is away, with a transient error', async () => {
    const away = createRedis(RedisConfig.fromUrl('redis://127.0.0.1:20155'), 'away', silentLog);
    const begun = performance.now();
    const failure = await away.get('x').catch((error: unknown) => error);
    expect(performance.now() - begun).toBeLessThan(2000);
    expect(isTransient(failure)).toBe(true);
    await expect(waitForRedis(away, 50)).rejects.toMatchObject({ kind: 'unavailable' });
    away.disconnect();
  });

  it('comes back by itself, and fails what was in flight when the connection broke', async () => {
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
  it('subscribes a channel once for all its listeners, and leaves it with the last', async () => {
    const { live } = await openChannels();
    const channel = channels.user(randomUUID());
    const heard: string[] = [];
    const leaveFirst = await live.subscribe(channel, (text) => heard.push(`1 ${text}`));
    const leaveSecond = await live.subscribe(channel, (text) => heard.push(`2 ${text}`));
    expect(await subscribers(channel)).toBe(1);
    await redis.publish(channel, 'a');
    await eventually(() => heard.length === 2);
    leaveFirst();
    leaveFirst();
    await redis.publish(channel, 'b');
    await eventually(() => heard.length === 3);
    expect(heard).toEqual(['1 a', '2 a', '2 b']);
    leaveSecond();
    await eventually(async () => (await subscribers(channel)) === 0);
    expect(live.size).toBe(0);
  });

  it('hears everything that is published after subscribe has resolved', async () => {
    const { live } = await openChannels();
    for (let i = 0; i < 50; i++) {
      const channel = channels.user(randomUUID());
      const heard: string[] = [];
      await Promise.all([live.subscribe(channel, (text) => heard.push(text)), live.subscribe(channel, (text) => heard.push(text))]);
      await redis.publish(channel, 'at once');
      await eventually(() => heard.length === 2);
    }
  });

  it('is right after leaving and joining again at once', async () => {
    const { live } = await openChannels();
    const channel = channels.user(randomUUID());
    for (let i = 0; i < 20; i++) {
      const leave = await live.subscribe(channel, () => {});
      leave();
    }
    const heard: string[] = [];
    await live.subscribe(channel, (text) => heard.push(text));
    await redis.publish(channel, 'x');
    await eventually(() => heard.length === 1);
  });

  it('goes on when a listener throws', async () => {
    const { live } = await openChannels();
    const channel = channels.user(randomUUID());
    const heard: string[] = [];
    await live.subscribe(channel, () => {
      throw new Error('listener');
    });
    await live.subscribe(channel, (text) => heard.push(text));
    await redis.publish(channel, 'x');
    await eventually(() => heard.length === 1);
  });

  it('says when it was interrupted, and when every channel is subscribed again', async () => {
    const { live, name } = await openChannels();
    const names = Array.from({ length: 2500 }, () => channels.user(randomUUID()));
    const heard = new Set<string>();
    await Promise.all(names.map((channel) => live.subscribe(channel, () => heard.add(channel))));
    const events: string[] = [];
    live.onInterrupted(() => events.push('interrupted'));
    let publishedAtRestore: Promise<unknown> | undefined;
    live.onRestored(() => {
      events.push('restored');
      // Published the moment it says so: must be heard on every channel.
      const pipeline = redis.pipeline();
      for (const channel of names) pipeline.publish(channel, 'again');
      publishedAtRestore = pipeline.exec();
    });
    expect(await killConnections(url(), name)).toBe(1);
    await eventually(() => events.includes('restored'));
    expect(events).toEqual(['interrupted', 'restored']);
    expect(live.isLive).toBe(true);
    await publishedAtRestore;
    await eventually(() => heard.size === names.length);
  });

  it('takes a subscription while Redis is away, and opens it when it is back', async () => {
    const connection = createRedis(testRedisConfig(), `late-${randomUUID()}`, silentLog);
    const live = new LiveChannels(connection, silentLog);
    opened.push(live);
    const channel = channels.user(randomUUID());
    const heard: string[] = [];
    let restored = false;
    live.onRestored(() => (restored = true));
    await live.subscribe(channel, (text) => heard.push(text));
    await eventually(() => restored);
    await redis.publish(channel, 'x');
    await eventually(() => heard.length === 1);
  });
});

describe('a connection that falls silent without ending', () => {
  let proxy: FaultProxy;
  const redisOverProxy = async (): Promise<Redis> => {
    proxy = await FaultProxy.start(url(), 6379);
    const connection = createRedis(RedisConfig.fromUrl(`redis://127.0.0.1:${proxy.port}`), 'silent', silentLog, 200);
    await waitForRedis(connection);
    return connection;
  };
  afterEach(() => proxy?.close());

  it('is noticed by who only listens, and what it missed is told', async () => {
    const live = new LiveChannels(await redisOverProxy(), silentLog);
    opened.push(live);
    const channel = channels.user(randomUUID());
    const heard: string[] = [];
    await live.subscribe(channel, (text) => heard.push(text));
    let restored = false;
    live.onRestored(() => (restored = true));
    proxy.stallOpen();
    await redis.publish(channel, 'missed');
    await eventually(() => restored);
    await redis.publish(channel, 'heard');
    await eventually(() => heard.length > 0);
    expect(heard).toEqual(['heard']);
  });

  it('is replaced under who writes', async () => {
    const connection = await redisOverProxy();
    proxy.stallOpen();
    await eventually(async () => (await connection.ping().catch(() => null)) === 'PONG');
    connection.disconnect();
  });

  it('is no other than one that has nothing to say', async () => {
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
  it('are announced when the first opens and when one is released, not when they are renewed', async () => {
    const { live } = await openChannels();
    const userId = randomUUID();
    const heard: string[] = [];
    await live.subscribe(channels.presenceLeases, (text) => {
      const { userId: whose } = JSON.parse(text) as { userId: string };
      if (whose === userId) heard.push(whose);
    });
    await renewLeases(redis, [{ userId, connectionId: 'c1' }], 30_000);
    await eventually(() => heard.length === 1);
    await renewLeases(redis, [{ userId, connectionId: 'c1' }], 30_000);
    await renewLeases(redis, [{ userId, connectionId: 'c2' }], 30_000);
    expect(await redis.zrange(leaseKey(userId), 0, -1)).toEqual(['c1', 'c2']);
    // Noted as due, so that presence-service looks even if it missed the announcement.
    expect(Number(await redis.zscore(PRESENCE_DUE_KEY, userId))).toBeLessThanOrEqual(Date.now());
    await releaseLease(redis, userId, 'c1');
    await eventually(() => heard.length === 2);
    expect(await redis.zrangebyscore(leaseKey(userId), `(${Date.now()}`, '+inf')).toEqual(['c2']);
    expect(Number(await redis.zscore(PRESENCE_DUE_KEY, userId))).toBeLessThanOrEqual(Date.now());
    await releaseLease(redis, userId, 'c2');
    await redis.zrem(PRESENCE_DUE_KEY, userId);
  });

  it('count as opened again when all earlier ones have run out', async () => {
    const { live } = await openChannels();
    const userId = randomUUID();
    let heard = 0;
    await live.subscribe(channels.presenceLeases, (text) => {
      if (text.includes(userId)) heard++;
    });
    await renewLeases(redis, [{ userId, connectionId: 'dead' }], 30);
    await eventually(() => heard === 1);
    await eventually(async () => (await redis.zcount(leaseKey(userId), Date.now(), '+inf')) === 0);
    await renewLeases(redis, [{ userId, connectionId: 'new' }], 30_000);
    await eventually(() => heard === 2);
    expect(await redis.zrange(leaseKey(userId), 0, -1)).toEqual(['new']);
    await releaseLease(redis, userId, 'new');
    await redis.zrem(PRESENCE_DUE_KEY, userId);
  });

  it('renews many in one go', async () => {
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
