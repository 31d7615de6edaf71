import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { RedisConfig } from '../../src/config/index.js';
import { silentLog } from '../../src/observability/index.js';
import { createRedis, LiveChannels, waitForRedis } from '../../src/realtime/index.js';
import { testRedisConfig } from '../../src/testing/index.js';

/** A connection that publishes; ready before the first test of a file. */
export let redis: Redis;
/** Closed after each test. */
export const opened: LiveChannels[] = [];
export const url = () => testRedisConfig().url;

/** LiveChannels over a ready connection, and the name of that connection. */
export async function openChannels(): Promise<{ live: LiveChannels; name: string }> {
  const name = `live-${randomUUID()}`;
  const connection = createRedis(testRedisConfig(), name, silentLog);
  await waitForRedis(connection);
  const live = new LiveChannels(connection, silentLog);
  opened.push(live);
  return { live, name };
}

/** The number of connections that are subscribed to a channel. */
export const subscribers = async (channel: string) => ((await redis.pubsub('NUMSUB', channel)) as [string, number])[1];

/** Opens `redis` for the tests of a file, and closes what they have opened. */
export function useLiveRedis(): void {
  beforeAll(async () => {
    // A Redis database of its own: a presence-service on the same one would evaluate the leases.
    redis = createRedis(RedisConfig.fromUrl(`${testRedisConfig().url.replace(/\/\d*$/, '')}/9`), 'test', silentLog);
    await waitForRedis(redis);
  });
  afterEach(() => {
    for (const live of opened.splice(0)) live.close();
  });
  afterAll(() => redis.disconnect());
}
