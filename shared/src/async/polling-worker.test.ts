import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type NextRound, PollingWorker, type PollingWorkerOptions } from './polling-worker.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A worker whose rounds give these results, and then the last one for ever; an Error is thrown. */
function workerOf(results: (NextRound | Error)[], options: Partial<PollingWorkerOptions> = {}) {
  const startedAt: number[] = [];
  const begunAt = Date.now();
  const attempts: number[] = [];
  const worker = new PollingWorker({
    round: () => {
      startedAt.push(Date.now() - begunAt);
      const result = results.length > 1 ? results.shift()! : results[0]!;
      return result instanceof Error ? Promise.reject(result) : Promise.resolve(result);
    },
    backoff: { firstMs: 10, maxMs: 40 },
    onError: (_, attempt) => attempts.push(attempt),
    ...options,
  });
  return { worker, startedAt, attempts };
}

it('polls: each round says when the next one starts', async () => {
  const { worker, startedAt } = workerOf([0, 100, 1000]);
  worker.start();
  worker.start();
  await vi.advanceTimersByTimeAsync(1500);
  expect(startedAt).toEqual([0, 0, 100, 1100]);
  await worker.stop();
  expect(vi.getTimerCount()).toBe(0);
});

it('starts a round early when it is woken, also during a round', async () => {
  const { worker, startedAt } = workerOf([1000]);
  worker.start();
  await vi.advanceTimersByTimeAsync(50);
  worker.wake();
  worker.wake();
  await vi.advanceTimersByTimeAsync(10);
  expect(startedAt).toEqual([0, 50]);

  const { promise, resolve } = Promise.withResolvers<void>();
  let rounds = 0;
  const slow = new PollingWorker({
    round: async () => {
      if (rounds++ === 0) await promise;
      return Infinity;
    },
    backoff: { firstMs: 1, maxMs: 1 },
    onError: () => {},
  });
  slow.start();
  slow.wake();
  resolve();
  await vi.advanceTimersByTimeAsync(0);
  expect(rounds).toBe(2);
});

it('collects what arrives within the pace and the wake delay', async () => {
  const { worker, startedAt } = workerOf([1000], { paceMs: 20, wakeDelayMs: 100 });
  worker.start();
  await vi.advanceTimersByTimeAsync(1);
  worker.wake();
  await vi.advanceTimersByTimeAsync(50);
  worker.wake();
  await vi.advanceTimersByTimeAsync(500);
  expect(startedAt).toEqual([0, 101]);

  const paced = workerOf([0], { paceMs: 20 });
  paced.worker.start();
  await vi.advanceTimersByTimeAsync(59);
  await paced.worker.stop();
  expect(paced.startedAt).toEqual([0, 20, 40]);
});

it('repeats a failed round with backoff, which no wake-up shortens', async () => {
  let recovered = 0;
  const broken = new Error('broken');
  const { worker, startedAt, attempts } = workerOf([broken, broken, broken, broken, 1000], { onRecovered: () => recovered++ });
  worker.start();
  for (let ms = 0; ms < 200; ms++) {
    worker.wake();
    await vi.advanceTimersByTimeAsync(1);
    if (startedAt.length === 5) break;
  }
  expect(startedAt).toEqual([0, 10, 30, 70, 110]);
  expect([attempts, recovered]).toEqual([[0, 1, 2, 3], 1]);
});

it('keeps a pause that is not wakeable', async () => {
  const { worker, startedAt } = workerOf([{ inMs: 100, wakeable: false }]);
  worker.start();
  await vi.advanceTimersByTimeAsync(50);
  worker.wake();
  await vi.advanceTimersByTimeAsync(49);
  expect(startedAt).toEqual([0]);
  await vi.advanceTimersByTimeAsync(1);
  expect(startedAt).toEqual([0, 100]);
});

it('stops after the current round, whose signal is aborted, and starts no other', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  let signal: AbortSignal | undefined;
  let rounds = 0;
  const worker = new PollingWorker({
    round: async (given) => {
      signal = given;
      rounds++;
      await promise;
      return 0;
    },
    backoff: { firstMs: 1, maxMs: 1 },
    onError: () => {},
  });
  worker.start();
  const stopping = worker.stop();
  expect(signal!.aborted).toBe(true);
  resolve();
  await stopping;
  expect(rounds).toBe(1);
});

it('drains: after a stop one more round runs, and further ones while there is more to do, but not for longer than allowed', async () => {
  const { worker, startedAt } = workerOf([1000, 0, 0, 5, 0], { drainMs: 1000 });
  worker.start();
  await vi.advanceTimersByTimeAsync(0);
  await worker.stop();
  expect(startedAt).toHaveLength(4);

  const busy = workerOf([0, 0, 0, 5, 0], { drainMs: 1000 });
  busy.worker.start();
  await busy.worker.stop();
  expect(busy.startedAt).toHaveLength(4);

  const endless = new PollingWorker({
    round: async () => {
      vi.advanceTimersByTime(300);
      return 0;
    },
    backoff: { firstMs: 1, maxMs: 1 },
    onError: () => {},
    drainMs: 1000,
  });
  endless.start();
  await endless.stop();
});

it('can be stopped before it was started', async () => {
  const { worker, startedAt } = workerOf([0]);
  await worker.stop();
  worker.start();
  await vi.advanceTimersByTimeAsync(10);
  expect(startedAt).toEqual([]);
});
