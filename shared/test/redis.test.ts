import { FaultProxy } from '@chat/testkit/fault-proxy';
import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';
import { RedisConfig } from '../src/config/index.js';
import { isTransient } from '../src/errors/index.js';
import { silentLog } from '../src/observability/index.js';
import { createRedis, LiveChannels, channels, waitForRedis } from '../src/realtime/index.js';
import { eventually, testRedisConfig } from '../src/testing/index.js';
import { redis, opened, url, useLiveRedis } from './kit/live-redis.js';
import { killConnections } from './kit/redis-kill.js';

useLiveRedis();

describe('createRedis', () => {
  it('rejects commands at once while Redis is unavailable, with a transient error', async () => {
    const unreachable = createRedis(RedisConfig.fromUrl('redis://127.0.0.1:20155'), 'unreachable', silentLog);
    const failure = await unreachable.get('x').catch((error: unknown) => error);
    expect(isTransient(failure)).toBe(true);
    expect(String(failure)).not.toMatch(/timed out/);
    await expect(waitForRedis(unreachable, 50)).rejects.toMatchObject({ kind: 'unavailable' });
    unreachable.disconnect();
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

  it('connects again when Redis has become a read-only replica, but not for every write', async () => {
    const connection = createRedis(testRedisConfig(), `demoted-${randomUUID()}`, silentLog);
    await waitForRedis(connection);
    let closed = 0;
    connection.on('close', () => closed++);
    const write = () => connection.eval('return redis.error_reply("READONLY You can\'t write against a read only replica.")', 0);
    await expect(write()).rejects.toThrow('READONLY');
    await eventually(() => closed === 1 && connection.status === 'ready');
    for (let i = 0; i < 3; i++) await expect(write()).rejects.toThrow('READONLY');
    expect(await connection.ping()).toBe('PONG');
    expect(closed).toBe(1);
    connection.disconnect();
  });
});

describe('a connection that stops transferring data without closing', () => {
  let proxy: FaultProxy;
  const redisOverProxy = async (): Promise<Redis> => {
    proxy = await FaultProxy.start(url(), 6379);
    const connection = createRedis(RedisConfig.fromUrl(proxy.urlFor(url())), 'silent', silentLog, 200);
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
