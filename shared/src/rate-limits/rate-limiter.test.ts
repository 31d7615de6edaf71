import { expect, it } from 'vitest';
import { RateLimiter } from './rate-limiter.js';
import type { RedisCounters } from './redis-counters.js';

const LIMIT = { points: 20, seconds: 60 };

/** Counters that answer as the test says. */
class StubCounters {
  isAvailable = true;
  readonly taken: number[] = [];
  answer: () => Promise<number> = () => Promise.resolve(0);

  take(_key: string, points: number): Promise<number> {
    this.taken.push(points);
    return this.answer();
  }
}

function setUp() {
  const shared = new StubCounters();
  const clock = { now: 0 };
  const limiter = new RateLimiter(LIMIT, shared as unknown as RedisCounters, () => clock.now);
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const tryAtOnce = (key: string) => {
    const isGranted = limiter.waitMs(key, 1) === 0;
    if (isGranted) limiter.takeAtOnce(key, 1);
    return isGranted;
  };
  return { shared, clock, limiter, settle, tryAtOnce };
}

it('a user below a quarter of the limit costs no command of Redis', async () => {
  const { shared, clock, settle, tryAtOnce } = setUp();
  for (let n = 0; n < 1000; n++) {
    clock.now += 15_000;
    expect(tryAtOnce('ada')).toBe(true);
  }
  await settle();
  expect(shared.taken).toEqual([]);
});

it('above that, Redis gets all points, with one command for those of a round trip', async () => {
  const { shared, settle, tryAtOnce } = setUp();
  for (let n = 0; n < 6; n++) tryAtOnce('ada');
  for (let n = 0; n < 4; n++) tryAtOnce('ada');
  await settle();
  expect(shared.taken).toEqual([6, 4]);
  expect(tryAtOnce('ada')).toBe(true);
  await settle();
  expect(shared.taken).toEqual([6, 4, 1]);
});

it('what Redis refuses is refused until the time that it names, without asking again', async () => {
  const { shared, clock, limiter, settle, tryAtOnce } = setUp();
  shared.answer = () => Promise.resolve(5000);
  for (let n = 0; n < 6; n++) tryAtOnce('ada');
  await settle();
  for (let n = 0; n < 10; n++) expect(tryAtOnce('ada')).toBe(false);
  expect(limiter.waitMs('ada', 1)).toBe(5000);
  expect(tryAtOnce('ben')).toBe(true);
  expect(shared.taken).toEqual([6]);
  clock.now = 5000;
  shared.answer = () => Promise.resolve(0);
  expect(tryAtOnce('ada')).toBe(true);
  await settle();
  expect(shared.taken).toEqual([6, 7]);
});

it('without Redis half of the limit is granted, counted from before the loss', async () => {
  const { shared, limiter, tryAtOnce } = setUp();
  for (let n = 0; n < 4; n++) expect(await limiter.take('ada', 1)).toBe(0);
  shared.isAvailable = false;
  const granted = Array.from({ length: 20 }, () => tryAtOnce('ada')).filter(Boolean);
  expect(granted).toHaveLength(6);
  expect(await limiter.take('ada', 1)).toBeGreaterThan(0);
});

it('a failure of Redis is no refusal, and loses no points', async () => {
  const { shared, limiter, settle, tryAtOnce } = setUp();
  shared.answer = () => Promise.reject(new Error('unavailable'));
  for (let n = 0; n < 6; n++) expect(tryAtOnce('ada')).toBe(true);
  expect(await limiter.take('ben', 1)).toBe(0);
  await settle();
  shared.answer = () => Promise.resolve(0);
  expect(tryAtOnce('ada')).toBe(true);
  await settle();
  expect(shared.taken).toEqual([6, 1, 7]);
});

it('many addresses use a bounded amount of memory', () => {
  const { limiter } = setUp();
  for (let n = 0; n < 50_000; n++) limiter.takeAtOnce(`2001:db8:${n}::/64`, 1);
  expect(limiter.size).toBe(20_000);
});
