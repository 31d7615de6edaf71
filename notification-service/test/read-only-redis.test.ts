import { RedisConfig } from '@chat/shared/config';
import { newId } from '@chat/shared/database';
import { silentLog } from '@chat/shared/observability';
import { channels, createRedis, waitForRedis } from '@chat/shared/realtime';
import { testInfra } from '@chat/shared/testing';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { publishAll } from '../src/feed/live-messages.js';

/** Like a replica after a failover, this user of Redis may publish and may not write. */
const reader = { name: newId(), password: newId() };
let admin: Redis;
let redis: Redis;

beforeEach(async () => {
  admin = new Redis(testInfra().redisUrl);
  await admin.acl('SETUSER', reader.name, 'on', `>${reader.password}`, '~*', '&*', '+@all', '-@write');
  const url = Object.assign(new URL(testInfra().redisUrl), { username: reader.name, password: reader.password });
  redis = createRedis(RedisConfig.fromUrl(url.href), 'reader', silentLog);
  await waitForRedis(redis);
});
afterEach(async () => {
  redis.disconnect();
  await admin.acl('DELUSER', reader.name);
  admin.disconnect();
});

it('a live message does not count as published when its server takes no writes', async () => {
  const message = { channel: channels.user(newId()), text: 'lost', isRepeatable: false };
  expect(await redis.publish(message.channel, message.text)).toBe(0);
  await expect(publishAll(redis, [message])).rejects.toThrow('NOPERM');
});
