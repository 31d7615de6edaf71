import { expect, it } from 'vitest';
import { FairLimit } from './fair-limit.js';

it('runs a limited number of jobs, in all and of one key, and continues after a job that failed', async () => {
  const limit = new FairLimit(3, 2);
  const started: string[] = [];
  const finish: Record<string, () => void> = {};
  const start = (key: string, n: number) =>
    limit.run(key, async () => {
      started.push(key + n);
      await new Promise<void>((resolve, reject) => (finish[key + n] = n === 1 ? () => reject(new Error('failed')) : resolve));
      return key + n;
    });
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const all = Promise.allSettled([start('a', 1), start('a', 2), start('a', 3), start('b', 1), start('b', 2)]);
  await turn();
  expect(started).toEqual(['a1', 'a2', 'b1']);
  finish.a1!();
  await turn();
  expect(started).toEqual(['a1', 'a2', 'b1', 'b2']);
  finish.b1!();
  await turn();
  expect(started).toEqual(['a1', 'a2', 'b1', 'b2', 'a3']);
  for (const name of ['a2', 'a3', 'b2']) finish[name]!();
  expect((await all).map((result) => (result.status === 'fulfilled' ? result.value : 'failed'))).toEqual([
    'failed',
    'a2',
    'a3',
    'failed',
    'b2',
  ]);
});
