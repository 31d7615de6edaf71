import { randomUUID } from 'node:crypto';
import { testInfra } from '@chat/shared/testing';
import { Redis } from 'ioredis';
import { afterAll, describe, expect, it } from 'vitest';
import type { ThrottleKey } from '../src/login-throttle/throttle-keys.js';
import { RedisAttemptStore } from '../src/login-throttle/redis-attempt-store.js';
import { MemoryAttemptStore } from '../src/login-throttle/attempt-store.js';

const redis = new Redis(testInfra().redisUrl);
afterAll(() => redis.disconnect());

const lane = (rules: Partial<ThrottleKey> = {}): ThrottleKey => ({
  key: `test:${randomUUID()}`,
  freeFailures: 2,
  firstDelayMs: 1000,
  maxDelayMs: 4000,
  oneAtATime: true,
  ...rules,
});

// Both count by the same rules.
describe.each([
  ['in Redis', new RedisAttemptStore(redis)],
  ['in memory', new MemoryAttemptStore()],
])('turns %s', (_, turns) => {
  /** How long so many turns at one moment have to wait; refused is -1. */
  const waits = async (lanes: ThrottleKey[], times = 1): Promise<number[]> => {
    const found: number[] = [];
    for (let i = 0; i < times; i += 1) {
      const turn = await turns.reserve(lanes);
      found.push('waitMs' in turn ? Math.round(turn.waitMs / 500) * 500 : -1);
    }
    return found;
  };
  const fail = async (lanes: ThrottleKey[], times: number) => {
    for (let i = 0; i < times; i += 1) await turns.record(lanes, 'wrong');
  };

  it('do not wait at all before there were failures', async () => {
    expect(await waits([lane(), lane({ oneAtATime: false })], 30)).toEqual(Array.from({ length: 30 }, () => 0));
  });

  it('one at a time wait for one another, and are refused when that takes too long', async () => {
    const one = lane();
    await fail([one], 2);
    expect(await waits([one], 6)).toEqual([1000, 2000, 3000, 4000, -1, -1]);
  });

  it('that do not wait for one another are never refused', async () => {
    const one = lane({ oneAtATime: false });
    await fail([one], 2);
    expect(await waits([one], 6)).toEqual([1000, 1000, 1000, 1000, 1000, 1000]);
  });

  it('wait twice as long with each failure, up to a bound', async () => {
    const one = lane({ oneAtATime: false });
    const found: number[] = [];
    for (let failures = 0; failures < 8; failures += 1) {
      found.push(...(await waits([one])));
      await fail([one], 1);
    }
    expect(found).toEqual([0, 0, 1000, 2000, 4000, 4000, 4000, 4000]);
  });

  it('take the longest wait of their lanes, and none of any when it is too long', async () => {
    const [busy, free] = [lane({ maxDelayMs: 10_000 }), lane()];
    await fail([busy], 9);
    await fail([free], 2);
    expect(await waits([busy, free], 5)).toEqual([-1, -1, -1, -1, -1]);
    expect(await waits([free])).toEqual([1000]);
    const [slow, quick] = [lane({ oneAtATime: false }), lane()];
    await fail([slow, quick], 3);
    await fail([slow], 5);
    expect(await waits([quick, slow])).toEqual([4000]);
  });

  it('of a right password clear the first lane only, and of none that was looked at nothing', async () => {
    const [own, common] = [lane({ oneAtATime: false }), lane({ oneAtATime: false })];
    await fail([own, common], 4);
    await turns.record([own, common], 'undecided');
    expect(await waits([own])).toEqual([4000]);
    await turns.record([own, common], 'right');
    expect(await waits([own])).toEqual([0]);
    expect(await waits([common])).toEqual([4000]);
  });
});

it('are forgotten 15 minutes after the first failure', async () => {
  let now = 1_000_000;
  const turns = new MemoryAttemptStore(() => now);
  const one = lane({ oneAtATime: false });
  for (let i = 0; i < 5; i += 1) await turns.record([one], 'wrong');
  now += 14 * 60_000;
  await turns.record([one], 'wrong');
  expect(await turns.reserve([one])).toEqual({ waitMs: 4000 });
  now += 2 * 60_000;
  expect(await turns.reserve([one])).toEqual({ waitMs: 0 });
  const [shared, key] = [new RedisAttemptStore(redis), `auth:login-throttle:${one.key}`];
  await shared.record([one], 'wrong');
  expect(await redis.pttl(key)).toBeGreaterThan(14 * 60_000);
  await redis.pexpire(key, 60_000);
  await shared.record([one], 'wrong');
  await shared.reserve([one]);
  expect(await redis.pttl(key)).toBeLessThanOrEqual(60_000);
});
