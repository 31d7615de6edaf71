import { randomUUID } from 'node:crypto';
import { testInfra } from '@chat/shared/testing';
import { Redis } from 'ioredis';
import { afterAll, describe, expect, it } from 'vitest';
import type { Lane } from '../src/sign-in-pace/lanes.js';
import { RedisTurns } from '../src/sign-in-pace/redis-turns.js';
import { LocalTurns } from '../src/sign-in-pace/turns.js';

const redis = new Redis(testInfra().redisUrl);
afterAll(() => redis.disconnect());

const lane = (rules: Partial<Lane> = {}): Lane => ({
  key: `test:${randomUUID()}`,
  freeFailures: 2,
  firstDelayMs: 1000,
  maxDelayMs: 4000,
  oneAtATime: true,
  ...rules,
});

// Both count by the same rules.
describe.each([
  ['in Redis', new RedisTurns(redis)],
  ['in memory', new LocalTurns()],
])('turns %s', (_, turns) => {
  const waits = async (lanes: Lane[], times: number): Promise<number[]> => {
    const found: number[] = [];
    for (let i = 0; i < times; i += 1) {
      const turn = await turns.take(lanes);
      found.push('waitMs' in turn ? Math.round(turn.waitMs / 500) * 500 : -1);
    }
    return found;
  };

  it('one at a time wait for one another, and are refused when that takes too long', async () => {
    // Made at one moment: the third may begin at once, and each later one after the delay of the one before it.
    expect(await waits([lane()], 6)).toEqual([0, 0, 1000, 3000, -1, -1]);
  });

  it('that do not wait for one another are never refused', async () => {
    expect(await waits([lane({ oneAtATime: false })], 7)).toEqual([0, 0, 1000, 2000, 4000, 4000, 4000]);
  });

  it('take the longest wait of their lanes, and none of any when it is too long', async () => {
    const [narrow, wide] = [lane(), lane({ oneAtATime: false, freeFailures: 4 })];
    expect(await waits([narrow, wide], 8)).toEqual([0, 0, 1000, 3000, -1, -1, -1, -1]);
    // Four were counted, not eight.
    expect(await waits([wide], 1)).toEqual([1000]);
  });

  it('of a right password clear the first lane, and take back one failure in the others', async () => {
    const [own, common] = [lane(), lane({ oneAtATime: false })];
    await waits([own, common], 3);
    await turns.settle([own, common], 'right');
    expect(await waits([own], 1)).toEqual([0]);
    expect(await waits([common], 1)).toEqual([1000]);
  });

  it('that were not looked at count for nothing, those that failed do', async () => {
    const [undecided, wrong] = [lane({ oneAtATime: false }), lane({ oneAtATime: false })];
    for (let i = 0; i < 4; i += 1) {
      await waits([undecided], 1);
      await turns.settle([undecided], 'undecided');
      await waits([wrong], 1);
      await turns.settle([wrong], 'wrong');
    }
    expect(await waits([undecided], 1)).toEqual([0]);
    expect(await waits([wrong], 1)).toEqual([4000]);
  });
});

it('are forgotten after 15 minutes without another', async () => {
  let now = 1_000_000;
  const turns = new LocalTurns(() => now);
  const one = lane({ oneAtATime: false });
  for (let i = 0; i < 5; i += 1) await turns.take([one]);
  now += 14 * 60_000;
  expect(await turns.take([one])).toEqual({ waitMs: 4000 });
  now += 16 * 60_000;
  expect(await turns.take([one])).toEqual({ waitMs: 0 });
  const shared = new RedisTurns(redis);
  await shared.take([one]);
  expect(await redis.pttl(`auth:sign-in-pace:${one.key}`)).toBeGreaterThan(14 * 60_000);
});
