import { FaultProxy } from '@chat/testkit/fault-proxy';
import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { RedisConfig } from '../src/config/index.js';
import { isTransient } from '../src/errors/index.js';
import { silentLog } from '../src/observability/index.js';
import { channels, createRedis, createSubscriber, LiveChannels, publishOnPrimary, waitForRedis } from '../src/realtime/index.js';
import { eventually } from '../src/testing/index.js';
import { startRedisServer, type RedisServer } from './kit/redis-servers.js';

/** A failover behind an address that leads to the primary: connections to the former one stay open, as a virtual IP or a proxy leaves them. */
let first: RedisServer;
let second: RedisServer;
let proxy: FaultProxy;
const connections: { disconnect(): void }[] = [];

beforeEach(async () => {
  [first, second] = await Promise.all([startRedisServer(), startRedisServer()]);
  await second.admin.replicaof('127.0.0.1', first.port);
  await eventually(async () => /master_link_status:up/.test(await second.admin.info('replication')));
  proxy = await FaultProxy.start(first.url);
});
afterEach(async () => {
  for (const connection of connections.splice(0)) connection.disconnect();
  await proxy?.close();
  await Promise.all([first?.stop(), second?.stop()]);
});

const CHECK_INTERVAL_MS = 200;
/** The Sentinel asks the primary for its replicas every 10 s. */
const SLOW = { timeoutMs: 55_000 };
const config = () => RedisConfig.fromUrl(`redis://127.0.0.1:${proxy.port}`);

async function open(): Promise<Redis> {
  const redis = createRedis(config(), 'commands', silentLog, CHECK_INTERVAL_MS);
  connections.push(redis);
  await waitForRedis(redis);
  return redis;
}

async function failOver(): Promise<void> {
  proxy.leadTo(second.url);
  await second.admin.replicaof('NO', 'ONE');
  await first.admin.replicaof('127.0.0.1', second.port);
}

async function isOnSecond(redis: Redis): Promise<boolean> {
  return redis.status === 'ready' && (await redis.info('server')).includes(`tcp_port:${second.port}`);
}

it('a message that only a replica acknowledged does not count as published, and the connection moves to the primary', async () => {
  const publisher = createRedis(config(), 'publisher', silentLog, 3_600_000);
  connections.push(publisher);
  await waitForRedis(publisher);
  await failOver();
  const failure = await publishOnPrimary(publisher.pipeline().publish('x', 'lost')).catch((error: unknown) => error);
  expect(String(failure)).toContain('READONLY');
  expect(isTransient(failure)).toBe(true);
  await eventually(() => isOnSecond(publisher));
  await publishOnPrimary(publisher.pipeline().publish('x', 'published'));
});

it('a connection that neither writes nor publishes moves to the new primary', async () => {
  const reader = await open();
  await failOver();
  await eventually(() => isOnSecond(reader));
});

/** A subscription of one channel, with what it has received and how often it was restored. */
async function subscribe(commands: Redis, subscribersProxy: FaultProxy) {
  const redisConfig = RedisConfig.fromUrl(`redis://127.0.0.1:${subscribersProxy.port}`);
  const subscriber = createSubscriber(redisConfig, 'subscriber', commands, silentLog);
  const live = new LiveChannels(subscriber, silentLog);
  connections.push({ disconnect: () => live.close() });
  await waitForRedis(subscriber);
  const seen = { channel: channels.user(randomUUID()), received: [] as string[], restored: 0 };
  live.onRestored(() => seen.restored++);
  await live.subscribe(seen.channel, (text) => seen.received.push(text));
  return seen;
}

/** Replication would bring the messages of the new primary: a former primary that cannot reach it does not get them. */
async function failOverWithoutReplication(): Promise<void> {
  await failOver();
  await first.admin.replicaof('127.0.0.1', 1);
}

it('a subscriber moves to the new primary, and onRestored says that messages may be missing', async () => {
  const seen = await subscribe(await open(), proxy);
  await failOverWithoutReplication();
  await eventually(() => seen.restored === 1);
  await second.admin.publish(seen.channel, 'after');
  await eventually(() => seen.received.length > 0);
  expect(seen.received).toEqual(['after']);
});

it('a subscriber that was led to the former primary once more moves as soon as its address leads to the new one', async () => {
  const ownProxy = await FaultProxy.start(first.url);
  connections.push({ disconnect: () => void ownProxy.close() });
  const seen = await subscribe(await open(), ownProxy);
  await failOverWithoutReplication();
  await eventually(() => seen.restored === 1);
  ownProxy.leadTo(second.url);
  await eventually(() => seen.restored > 1);
  await second.admin.publish(seen.channel, 'after');
  await eventually(() => seen.received.length > 0);
  expect(seen.received).toEqual(['after']);
});

it('with Sentinels, connections follow the primary that they name', async () => {
  const sentinel = await startRedisServer({ sentinelOf: first.port });
  const sentinelAdmin = sentinel.admin;
  try {
    const config = Object.assign(RedisConfig.fromUrl('redis://unused'), {
      sentinels: [`127.0.0.1:${sentinel.port}`],
      sentinelName: 'mymaster',
    });
    const redis = createRedis(config, 'by-sentinel', silentLog, CHECK_INTERVAL_MS);
    connections.push(redis);
    await waitForRedis(redis, 30_000);
    await redis.set('written', 'before');
    await eventually(async () => (await second.admin.get('written')) === 'before');
    await eventually(async () => (await sentinelAdmin.call('SENTINEL', 'FAILOVER', 'mymaster').catch(() => null)) === 'OK', SLOW);
    await eventually(() => isOnSecond(redis), SLOW);
    await eventually(async () => (await redis.set('written', 'after').catch(() => null)) === 'OK');
  } finally {
    await sentinel.stop();
  }
});
