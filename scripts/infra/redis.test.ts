import { mkdtempSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { freePort } from '../processes/ports.ts';
import { ProcessGroup } from '../processes/process-group.ts';
import { prepareRedis } from './redis.ts';
import { redisUrlOf } from './redis-users.ts';

const group = new ProcessGroup(() => {});
const dataDir = mkdtempSync(path.join(os.tmpdir(), 'chat-redis-'));
let address = '';
beforeAll(async () => {
  const port = await freePort();
  const part = await prepareRedis({ dataDir, port, secondPort: 0, password: 'p@ss:word' });
  address = part.address;
  await group.start({ name: 'redis', kind: 'infrastructure', port, logFile: path.join(dataDir, 'redis.log'), ...part });
});
afterAll(async () => {
  await group.stop();
  rmSync(dataDir, { recursive: true });
});

function connect(url: string): Redis {
  const redis = new Redis(url, { retryStrategy: () => null, enableReadyCheck: false });
  redis.on('error', () => {}); // the command rejects with it
  onTestFinished(() => redis.disconnect());
  return redis;
}
const as = (service: string) => connect(redisUrlOf(service, address));

it('answers no client without a password', async () => {
  const { host } = new URL(address);
  await expect(connect(`redis://${host}`).get('{chat}:presence:due')).rejects.toThrow('NOAUTH');
  await expect(connect(`redis://api-gateway:wrong@${host}`).get('{chat}:presence:due')).rejects.toThrow(/WRONGPASS|NOAUTH|closed/);
});

it.each([
  ['api-gateway', (redis: Redis) => redis.zadd('{chat}:presence:due', 1, 'ada')],
  ['api-gateway', (redis: Redis) => redis.subscribe('user:ada', 'notification:ada', 'typing:talk', 'session:revoked')],
  ['auth-service', (redis: Redis) => redis.multi().zadd('{chat}:auth:revoked-sessions', 1, 's').publish('session:revoked', '{}').exec()],
  ['chat-service', (redis: Redis) => redis.publish('typing:talk', '{}')],
  ['chat-service', (redis: Redis) => redis.zrangebyscore('{chat}:auth:revoked-sessions', 0, 1)],
  ['notification-service', (redis: Redis) => redis.pipeline().publish('user:ada', '').del('{chat}:write-check').exec()],
  ['presence-service', (redis: Redis) => Promise.all([redis.role(), redis.info('server')])],
  ['profile-service', (redis: Redis) => redis.cluster('KEYSLOT', 'x').catch(String)],
  ['profile-service', (redis: Redis) => redis.cluster('SLOTS').catch(String)],
])('%s may do what it needs', async (service, command) => {
  expect(JSON.stringify(await command(as(service)))).not.toContain('NOPERM');
});

it.each([
  ['chat-service', (redis: Redis) => redis.zadd('{chat}:auth:revoked-sessions', 1, 's')],
  ['chat-service', (redis: Redis) => redis.publish('user:ada', 'forged')],
  ['profile-service', (redis: Redis) => redis.subscribe('notification:ada')],
  ['presence-service', (redis: Redis) => redis.publish('session:revoked', '{}')],
  ['api-gateway', (redis: Redis) => redis.publish('user:ada', 'forged')],
  ['api-gateway', (redis: Redis) => redis.publish('typing:talk', '{}')],
  ['api-gateway', (redis: Redis) => redis.del('{chat}:auth:login-throttle:ada')],
  ['auth-service', (redis: Redis) => redis.flushall()],
  ['notification-service', (redis: Redis) => redis.config('GET', '*')],
])('%s may not touch what belongs to others', async (service, command) => {
  await expect(command(as(service))).rejects.toThrow('NOPERM');
});

it('the file with the passwords is readable for its owner only, and an address that was given stays as it is', () => {
  expect(statSync(path.join(dataDir, 'redis/users.acl')).mode & 0o777).toBe(0o600);
  expect(redisUrlOf('chat-service', 'rediss://app:secret@redis.example:6380')).toBe('rediss://app:secret@redis.example:6380');
});
