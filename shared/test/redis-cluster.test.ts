import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { RevokedSessions } from '../src/auth/index.js';
import { isTransient } from '../src/errors/index.js';
import { silentLog } from '../src/observability/index.js';
import {
  channels,
  createRedis,
  createSubscriber,
  leaseKey,
  LiveChannels,
  publishOnPrimary,
  renewLeases,
  waitForRedis,
} from '../src/realtime/index.js';
import { eventually } from '../src/testing/index.js';
import { becomePrimary, moveKeys, startRedisCluster, type RedisCluster } from './kit/redis-cluster.js';
import type { RedisServer } from './kit/redis-servers.js';

let cluster: RedisCluster;
const connections: { disconnect(): void }[] = [];
beforeEach(async () => {
  cluster = await startRedisCluster();
});
afterEach(async () => {
  for (const connection of connections.splice(0)) connection.disconnect();
  await cluster?.stop();
});

const CHECK_INTERVAL_MS = 200;

async function open(): Promise<Redis> {
  const redis = createRedis(cluster.config, 'commands', silentLog, CHECK_INTERVAL_MS);
  connections.push(redis);
  await waitForRedis(redis, 30_000);
  return redis;
}

/** A subscription of one channel, with what it has received and how often it was restored. */
async function subscribe(commands: Redis, channel: string) {
  const live = new LiveChannels(createSubscriber(cluster.config, 'subscriber', commands, silentLog), silentLog);
  connections.push({ disconnect: () => live.close() });
  await eventually(() => live.isLive);
  const seen = { received: [] as string[], restored: 0 };
  live.onRestored(() => seen.restored++);
  await live.subscribe(channel, (text) => seen.received.push(text));
  return seen;
}

async function isOn(server: RedisServer, redis: Redis): Promise<boolean> {
  return redis.status === 'ready' && (await redis.info('server')).includes(`tcp_port:${server.port}`);
}

it('the keys of all users are on one primary: commands with several of them are executed', async () => {
  const redis = await open();
  const leases = Array.from({ length: 20 }, () => ({ userId: randomUUID(), connectionId: 'c' }));
  await renewLeases(redis, leases);
  expect(await redis.exists(leases.map(({ userId }) => leaseKey(userId)))).toBe(20);
  const sessions = new RevokedSessions({ redis: cluster.config, logger: silentLog });
  connections.push({ disconnect: () => sessions.close() });
  sessions.start();
  await eventually(() => sessions.isLoaded);
  await RevokedSessions.revoke(redis, { sessionId: 'revoked', userId: 'ada', lastTokenEndsAtMs: Date.now() + 60_000 });
  await eventually(() => sessions.isRevoked('revoked'));
});

it('when the keys have moved to another primary, no message counts as published on the former one, and every connection follows', async () => {
  const commands = await open();
  const channel = channels.user(randomUUID());
  const seen = await subscribe(commands, channel);
  await renewLeases(commands, [{ userId: 'ada', connectionId: 'c' }]);
  await moveKeys(cluster.owner, cluster.other);
  const failure = await publishOnPrimary(commands.pipeline().publish(channel, 'rejected')).catch((error: unknown) => error);
  expect(String(failure)).toContain('MOVED');
  expect(isTransient(failure)).toBe(true);
  await eventually(() => isOn(cluster.other, commands));
  await eventually(() => seen.restored === 1);
  expect(await commands.exists(leaseKey('ada'))).toBe(1);
  await publishOnPrimary(commands.pipeline().publish(channel, 'published'));
  await eventually(() => seen.received.includes('published'));
});

it('a connection that neither writes nor publishes follows the keys', async () => {
  const reader = await open();
  await moveKeys(cluster.owner, cluster.other);
  await eventually(() => isOn(cluster.other, reader));
});

it('after a failover that left the connections open, and after the loss of a primary, every connection is on the new one', async () => {
  const commands = await open();
  const channel = channels.user(randomUUID());
  const seen = await subscribe(commands, channel);
  await becomePrimary(cluster.replica);
  await eventually(() => isOn(cluster.replica, commands));
  await eventually(() => seen.restored === 1);
  // The former primary takes over again; this time the other one is gone.
  await cluster.replica.stop();
  await becomePrimary(cluster.owner);
  await eventually(() => isOn(cluster.owner, commands));
  await eventually(() => seen.restored === 2);
  await publishOnPrimary(commands.pipeline().publish(channel, 'published'));
  await eventually(() => seen.received.includes('published'));
});
