import { randomUUID } from 'node:crypto';
import { redisKey } from '@chat/shared/realtime';
import { testInfra } from '@chat/shared/testing';
import { Redis } from 'ioredis';
import { afterAll, describe, expect, it } from 'vitest';
import type { ThrottleKey } from '../src/login-throttle/throttle-keys.js';
import { RedisAttemptStore } from '../src/login-throttle/redis-attempt-store.js';
import { MemoryAttemptStore } from '../src/login-throttle/attempt-store.js';

const redis = new Redis(testInfra().redisUrl);
afterAll(() => redis.disconnect());

const throttleKey = (rules: Partial<ThrottleKey> = {}): ThrottleKey => ({
  key: `test:${randomUUID()}`,
  freeFailures: 2,
  firstDelayMs: 1000,
  maxDelayMs: 4000,
  oneAtATime: true,
  ...rules,
});

// Both stores implement the same rules.
describe.each([
  ['in Redis', new RedisAttemptStore(redis)],
  ['in memory', new MemoryAttemptStore()],
])('attempts counted %s', (_, store) => {
  /** The delays of so many attempts at one moment; a refused one is -1. */
  const waits = async (keys: ThrottleKey[], times = 1): Promise<number[]> => {
    const found: number[] = [];
    for (let i = 0; i < times; i += 1) {
      const reservation = await store.reserve(keys);
      found.push('waitMs' in reservation ? Math.round(reservation.waitMs / 500) * 500 : -1);
    }
    return found;
  };
  const fail = async (keys: ThrottleKey[], times: number) => {
    for (let i = 0; i < times; i += 1) await store.record(keys, 'wrong');
  };

  it('are not delayed before there are failures', async () => {
    expect(await waits([throttleKey(), throttleKey({ oneAtATime: false })], 30)).toEqual(Array.from({ length: 30 }, () => 0));
  });

  it('run one after the other, and are refused when the delay would be too long', async () => {
    const one = throttleKey();
    await fail([one], 2);
    expect(await waits([one], 6)).toEqual([1000, 2000, 3000, 4000, -1, -1]);
  });

  it('that run independently are never refused', async () => {
    const one = throttleKey({ oneAtATime: false });
    await fail([one], 2);
    expect(await waits([one], 6)).toEqual([1000, 1000, 1000, 1000, 1000, 1000]);
  });

  it('are delayed twice as long with each failure, up to a maximum', async () => {
    const one = throttleKey({ oneAtATime: false });
    const found: number[] = [];
    for (let failures = 0; failures < 8; failures += 1) {
      found.push(...(await waits([one])));
      await fail([one], 1);
    }
    expect(found).toEqual([0, 0, 1000, 2000, 4000, 4000, 4000, 4000]);
  });

  it('get the longest delay of their keys, and reserve nothing in any key when it is too long', async () => {
    const [busy, free] = [throttleKey({ maxDelayMs: 10_000 }), throttleKey()];
    await fail([busy], 9);
    await fail([free], 2);
    expect(await waits([busy, free], 5)).toEqual([-1, -1, -1, -1, -1]);
    expect(await waits([free])).toEqual([1000]);
    const [slow, quick] = [throttleKey({ oneAtATime: false }), throttleKey()];
    await fail([slow, quick], 3);
    await fail([slow], 5);
    expect(await waits([quick, slow])).toEqual([4000]);
  });

  it('reset the first key only when the password is right, and change nothing when it was not checked', async () => {
    const [own, common] = [throttleKey({ oneAtATime: false }), throttleKey({ oneAtATime: false })];
    await fail([own, common], 4);
    await store.record([own, common], 'undecided');
    expect(await waits([own])).toEqual([4000]);
    await store.record([own, common], 'right');
    expect(await waits([own])).toEqual([0]);
    expect(await waits([common])).toEqual([4000]);
  });
});

it('expire 15 minutes after the first failure', async () => {
  let now = 1_000_000;
  const store = new MemoryAttemptStore(() => now);
  const one = throttleKey({ oneAtATime: false });
  for (let i = 0; i < 5; i += 1) await store.record([one], 'wrong');
  now += 14 * 60_000;
  await store.record([one], 'wrong');
  expect(await store.reserve([one])).toEqual({ waitMs: 4000 });
  now += 2 * 60_000;
  expect(await store.reserve([one])).toEqual({ waitMs: 0 });
  const [shared, key] = [new RedisAttemptStore(redis), redisKey(`auth:login-throttle:${one.key}`)];
  await shared.record([one], 'wrong');
  expect(await redis.pttl(key)).toBeGreaterThan(14 * 60_000);
  await redis.pexpire(key, 60_000);
  await shared.record([one], 'wrong');
  await shared.reserve([one]);
  expect(await redis.pttl(key)).toBeLessThanOrEqual(60_000);
});
