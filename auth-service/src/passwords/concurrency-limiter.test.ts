import { expect, it } from 'vitest';
import { QueueFullError, ConcurrencyLimiter } from './concurrency-limiter.js';

/** Jobs that finish when `finish` is called. */
function heldJobs(limiter: ConcurrencyLimiter) {
  const started: number[] = [];
  const finish: (() => void)[] = [];
  const start = (n: number) =>
    limiter.run(async () => {
      started.push(n);
      await new Promise<void>((resolve) => (finish[n] = resolve));
      return n;
    });
  return { started, finish, start };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

it('runs at most the allowed number of jobs at a time, in the order of their arrival', async () => {
  const { started, finish, start } = heldJobs(new ConcurrencyLimiter(2, 10));
  const all = Promise.all([0, 1, 2, 3].map(start));
  await settle();
  expect(started).toEqual([0, 1]);
  finish[1]!();
  await settle();
  expect(started).toEqual([0, 1, 2]);
  finish[0]!();
  await settle();
  expect(started).toEqual([0, 1, 2, 3]);
  finish[2]!();
  finish[3]!();
  expect(await all).toEqual([0, 1, 2, 3]);
});

it('refuses a job at once when the queue is full', async () => {
  const { finish, start } = heldJobs(new ConcurrencyLimiter(1, 1));
  const running = start(0);
  const waiting = start(1);
  await expect(start(2)).rejects.toBeInstanceOf(QueueFullError);
  finish[0]!();
  await running;
  finish[1]!();
  await waiting;
});

it('continues after a job that failed', async () => {
  const limiter = new ConcurrencyLimiter(1, 1);
  await expect(limiter.run(() => Promise.reject(new Error('bad')))).rejects.toThrow('bad');
  expect(await limiter.run(async () => 'good')).toBe('good');
});
