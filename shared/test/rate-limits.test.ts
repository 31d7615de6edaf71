import { FaultProxy } from '@chat/testkit/fault-proxy';
import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { afterEach, expect, it } from 'vitest';
import { RateLimitConfig, RedisConfig } from '../src/config/index.js';
import { silentLog } from '../src/observability/index.js';
import { RateLimits, type RequestSource } from '../src/rate-limits/index.js';
import { createRedis, waitForRedis } from '../src/realtime/index.js';
import { eventually, testRedisConfig } from '../src/testing/index.js';

const opened: Redis[] = [];
let proxy: FaultProxy | null = null;
afterEach(async () => {
  for (const redis of opened.splice(0)) redis.disconnect();
  await proxy?.close();
  proxy = null;
});

/** The limits of one process. */
async function start({
  points = 10,
  seconds = 600,
  scale = 1,
  usersPerAddress = 3,
  url = testRedisConfig().url,
  deadlineMs = 10_000,
} = {}) {
  const redis = createRedis(RedisConfig.fromUrl(url), 'rate-limits-test', silentLog);
  opened.push(redis);
  await waitForRedis(redis);
  const config = Object.assign(new RateLimitConfig(), { scale, usersPerAddress });
  const limits = new RateLimits({ classes: { send: { points, seconds } }, config, isProduction: true, redis, deadlineMs });
  const isGranted = (source: RequestSource, count = 1) =>
    limits.take('send', source, count).then(
      () => true,
      () => false,
    );
  const grantedOf = async (attempts: number, source: RequestSource) => {
    let granted = 0;
    for (let n = 0; n < attempts; n++) if (await isGranted(source)) granted += 1;
    return granted;
  };
  const grantedAtOnce = (source: RequestSource) => {
    try {
      limits.takeAtOnce('send', source);
      return true;
    } catch {
      return false;
    }
  };
  return { redis, limits, isGranted, grantedOf, grantedAtOnce };
}

const someUser = () => ({ user: randomUUID() });
const someNetwork = () => `2001:db8:${randomUUID().slice(0, 4)}:${randomUUID().slice(0, 4)}`;

it('two processes grant the limit together, also when their requests come at once', async () => {
  const [one, two] = [await start(), await start()];
  const source = someUser();
  const answers = await Promise.all(Array.from({ length: 40 }, (_, n) => (n % 2 ? one : two).isGranted(source)));
  expect(answers.filter(Boolean)).toHaveLength(10);
});

it('takeAtOnce learns from Redis what other processes granted', async () => {
  const [one, two] = [await start(), await start()];
  const source = someUser();
  expect(await two.grantedOf(10, source)).toBe(10);
  await eventually(() => !one.grantedAtOnce(source));
  // A quarter of the limit, and what it grants until Redis answers.
  expect(await two.grantedOf(3, source)).toBe(0);
});

it('several processes grant together not more than the limit in one window, wherever the window begins', async () => {
  const processes = await Promise.all(Array.from({ length: 3 }, () => start({ points: 20, seconds: 1 })));
  const source = someUser();
  const granted: { sent: number; answered: number }[] = [];
  const begin = performance.now();
  await processes[0]!.isGranted(source);
  // The end of a fixed window that began with the first request is in the middle of these.
  await eventually(() => performance.now() > begin + 800);
  for (let n = 0; performance.now() < begin + 2500 || granted.length <= 20; n++) {
    const sent = performance.now();
    if (await processes[n % 3]!.isGranted(source)) granted.push({ sent, answered: performance.now() });
    else await new Promise((resolve) => setTimeout(resolve, 5));
  }
  for (const { sent } of granted)
    expect(granted.filter((other) => other.sent >= sent && other.answered < sent + 1000).length).toBeLessThanOrEqual(20);
});

it('the refusal is RATE_LIMITED and says when to try again; refused attempts do not make it later', async () => {
  const { limits, grantedOf } = await start({ points: 1, seconds: 600 });
  const source = someUser();
  await limits.take('send', source);
  await grantedOf(20, source);
  const refusal = await limits.take('send', source).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ kind: 'rate-limited', code: 'rate-limit/send' });
  const { retryAfterSeconds } = (refusal as { details: { retryAfterSeconds: number } }).details;
  expect(retryAfterSeconds).toBeGreaterThan(500);
  expect(retryAfterSeconds).toBeLessThanOrEqual(661);
});

it('more points at once than the limit are refused', async () => {
  const { isGranted } = await start();
  const source = someUser();
  expect([await isGranted(source, 11), await isGranted(source, 10)]).toEqual([false, true]);
});

it('an address has the limit of several users, and an IPv6 client one limit for its /64', async () => {
  const { grantedOf } = await start();
  const network = someNetwork();
  const perUser = [];
  for (let n = 0; n < 4; n++) perUser.push(await grantedOf(11, { ...someUser(), address: `${network}::${n + 1}` }));
  expect(perUser).toEqual([10, 10, 10, 0]);
  expect(await grantedOf(11, { address: `${someNetwork()}::1` })).toBe(10);
});

it('RATE_LIMIT_SCALE multiplies every limit', async () => {
  const { grantedOf } = await start({ scale: 3 });
  expect(await grantedOf(40, someUser())).toBe(30);
});

it.each(['stall', 'refuse'] as const)(
  'while Redis does not answer (%s), half of the limit is granted, and Redis counts again afterwards',
  async (fault) => {
    proxy = await FaultProxy.start(testRedisConfig().url, 6379);
    const { redis, grantedOf } = await start({ url: proxy.urlFor(testRedisConfig().url), deadlineMs: 100 });
    const source = someUser();
    expect(await grantedOf(2, source)).toBe(2);
    proxy[fault]();
    expect(await grantedOf(10, source)).toBe(3);
    proxy.resume();
    await waitForRedis(redis, 15_000);
    const other = await start();
    await eventually(async () => {
      const fresh = someUser();
      await grantedOf(10, fresh);
      return (await other.grantedOf(1, fresh)) === 0;
    });
  },
);

it('a frozen Redis holds up the first request only', async () => {
  proxy = await FaultProxy.start(testRedisConfig().url, 6379);
  const { limits, isGranted } = await start({ points: 1000, url: proxy.urlFor(testRedisConfig().url), deadlineMs: 100 });
  const source = someUser();
  await isGranted(source);
  proxy.stall();
  await isGranted(source);
  let isAnswered = false;
  const answered = limits.take('send', source).then(() => (isAnswered = true));
  // Without waiting for a timer.
  for (let n = 0; n < 20; n++) await Promise.resolve();
  expect(isAnswered).toBe(true);
  await answered;
});

it('while Redis accepts no writes, half of the limit is granted', async () => {
  const { redis, grantedOf } = await start();
  // As a replica, or a Redis with a full memory, answers the script.
  redis.defineCommand('rlflxIncr', { numberOfKeys: 1, lua: "return redis.error_reply('OOM command not allowed')" });
  expect(await grantedOf(10, someUser())).toBe(5);
});
