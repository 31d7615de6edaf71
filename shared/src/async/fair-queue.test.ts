import { expect, it } from 'vitest';
import { FairQueue } from './fair-queue.js';

const newQueue = (limits: { concurrency?: number; maxWaiting?: number; maxWaitingPerKey?: number } = {}) =>
  new FairQueue({ concurrency: 1, maxWaiting: 100, maxWaitingPerKey: 100, full: () => new Error('full'), ...limits });

/** A job that ends when it is told to. */
function job() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { end: resolve, run: () => promise };
}

it('lets keys take turns', async () => {
  const queue = newQueue();
  const order: string[] = [];
  const add = (key: string, name: string) => queue.run(key, async () => void order.push(name));
  await Promise.all([add('a', 'a1'), add('a', 'a2'), add('a', 'a3'), add('b', 'b1'), add('c', 'c1')]);
  // The second turn of `a` was due before the others came.
  expect(order).toEqual(['a1', 'a2', 'b1', 'c1', 'a3']);
});

it('runs one job of a key at a time, and no more jobs than it may', async () => {
  const queue = newQueue({ concurrency: 2 });
  let [running, most] = [0, 0];
  const ofKeys = new Map<string, number>();
  const add = (key: string) =>
    queue.run(key, async () => {
      most = Math.max(most, ++running);
      ofKeys.set(key, (ofKeys.get(key) ?? 0) + 1);
      expect(ofKeys.get(key)).toBe(1);
      await new Promise(setImmediate);
      ofKeys.set(key, 0);
      running--;
    });
  await Promise.all(['a', 'a', 'a', 'b', 'c', 'b', 'd'].map(add));
  expect(most).toBe(2);
});

it('refuses jobs beyond its limits, and accepts others when there is room again', async () => {
  const queue = newQueue({ maxWaiting: 2, maxWaitingPerKey: 1 });
  const first = job();
  const running = queue.run('a', first.run);
  const second = queue.run('a', async () => 2);
  await expect(queue.run('a', async () => 0)).rejects.toThrow('full');
  const third = queue.run('b', async () => 3);
  await expect(queue.run('c', async () => 0)).rejects.toThrow('full');
  first.end();
  await running;
  expect(await Promise.all([second, third])).toEqual([2, 3]);
  expect(await queue.run('c', async () => 4)).toBe(4);
});

it('goes on after a job that fails', async () => {
  const queue = newQueue();
  await expect(queue.run('a', () => Promise.reject(new Error('broken image')))).rejects.toThrow('broken image');
  expect(await queue.run('a', async () => 1)).toBe(1);
});
