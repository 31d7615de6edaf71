import { expect, it } from 'vitest';
import { closable, LiveQueue, SlowConsumerError } from './live-queue.js';

const UNLIMITED = { reserve: () => true, release: () => undefined };

it('yields items in order, also those that are pushed while the consumer waits', async () => {
  const queue = new LiveQueue<number>(UNLIMITED);
  const items = queue.items();
  queue.push(1);
  queue.push(2);
  expect([await items.next(), await items.next()].map(({ value }) => value)).toEqual([1, 2]);
  const next = items.next();
  queue.push(3);
  expect(await next).toEqual({ done: false, value: 3 });
});

it('fails when too many items, or too long ones, are not consumed', async () => {
  const many = new LiveQueue<number>(UNLIMITED);
  for (let n = 0; n <= 1000; n += 1) many.push(n);
  await expect(many.items().next()).rejects.toThrow(SlowConsumerError);
  const long = new LiveQueue<number>(UNLIMITED);
  for (let n = 0; n < 4; n += 1) long.push(n, 100_000);
  await expect(long.items().next()).rejects.toThrow(SlowConsumerError);
});

it('does not count items that were consumed', async () => {
  const queue = new LiveQueue<number>(UNLIMITED);
  const items = queue.items();
  for (let n = 0; n < 3000; n += 1) {
    queue.push(n, 100_000);
    expect(await items.next()).toEqual({ done: false, value: n });
  }
});

it('ends while the consumer waits', async () => {
  const queue = new LiveQueue<number>(UNLIMITED);
  const items = closable(queue.items(), () => queue.close());
  const next = items.next();
  await items.return();
  expect(await next).toEqual({ done: true, value: undefined });
});

it('queues of one budget fill up together, and give back what they do not hold any more', async () => {
  let left = 1000;
  const budget = {
    reserve: (bytes: number) => bytes <= left && ((left -= bytes), true),
    release: (bytes: number) => void (left += bytes),
  };
  const queues = [new LiveQueue<string>(budget), new LiveQueue<string>(budget)] as const;
  queues[0].push('one', 300);
  queues[1].push('two', 300);
  queues[0].push('three', 300);
  await expect(queues[0].items().next()).rejects.toThrow(SlowConsumerError);
  expect(await queues[1].items().next()).toEqual({ done: false, value: 'two' });
  expect(left).toBe(1000);
  queues[1].push('four', 500);
  queues[1].close();
  expect(left).toBe(1000);
});
