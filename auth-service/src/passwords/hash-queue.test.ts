import { expect, it } from 'vitest';
import { HashQueue, QueueFullError } from './hash-queue.js';

/** Jobs that run one after the other in a queue whose only slot is taken, and the order in which they start. */
function setUp(limits: { maxQueued?: number; maxQueuedPerSource?: number } = {}) {
  const queue = new HashQueue({ maxRunning: 1, maxQueued: 100, maxQueuedPerSource: 100, ...limits });
  const started: string[] = [];
  const refused: string[] = [];
  let free!: () => void;
  const all = [queue.run('check', 'first', () => new Promise<void>((resolve) => (free = resolve)))];
  const add = (purpose: 'check' | 'store', source: string, count = 1) => {
    for (let n = 0; n < count; n += 1) {
      const job = queue.run(purpose, source, async () => void started.push(`${purpose} ${source}`));
      all.push(job.catch((error: unknown) => void refused.push(error instanceof QueueFullError ? source : String(error))));
    }
  };
  const finish = async () => {
    free();
    await Promise.all(all);
    return started;
  };
  return { add, finish, refused };
}

it('the sources take turns', async () => {
  const { add, finish } = setUp();
  add('check', 'a', 3);
  add('check', 'b', 1);
  add('check', 'c', 2);
  expect(await finish()).toEqual(['check a', 'check b', 'check c', 'check a', 'check c', 'check a']);
});

it('new hashes and checks take turns while both wait', async () => {
  const { add, finish } = setUp();
  for (const source of ['a', 'b', 'c', 'd']) add('store', source);
  add('check', 'e', 2);
  expect(await finish()).toEqual(['store a', 'check e', 'store b', 'check e', 'store c', 'store d']);
});

it('one source has a bounded number of waiting jobs, and leaves room for others', async () => {
  const { add, finish, refused } = setUp({ maxQueuedPerSource: 2 });
  add('store', 'a', 5);
  add('store', 'b', 1);
  expect(await finish()).toEqual(['store a', 'store b', 'store a']);
  expect(refused).toEqual(['a', 'a', 'a']);
});

it('in a full queue, a source with few jobs displaces the newest job of the source with most', async () => {
  const { add, finish, refused } = setUp({ maxQueued: 4 });
  add('store', 'a', 4);
  add('store', 'b', 3);
  expect(await finish()).toEqual(['store a', 'store b', 'store a', 'store b']);
  expect(refused).toEqual(['a', 'a', 'b']);
});

it('a queue that is full of new hashes has room for checks', async () => {
  const { add, finish, refused } = setUp({ maxQueued: 2 });
  add('store', 'a', 1);
  add('store', 'b', 2);
  add('check', 'c', 1);
  expect(await finish()).toEqual(['store a', 'check c', 'store b']);
  expect(refused).toEqual(['b']);
});

it('continues after a job that failed, and runs no more than allowed at a time', async () => {
  const queue = new HashQueue({ maxRunning: 2, maxQueued: 10, maxQueuedPerSource: 10 });
  let running = 0;
  let most = 0;
  const job = async () => {
    most = Math.max(most, (running += 1));
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
    throw new Error('failed');
  };
  const results = await Promise.allSettled(Array.from({ length: 6 }, () => queue.run('check', 'a', job)));
  expect(results.map(({ status }) => status)).toEqual(Array.from({ length: 6 }, () => 'rejected'));
  expect(most).toBe(2);
});
