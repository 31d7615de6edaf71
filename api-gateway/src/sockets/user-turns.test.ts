import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { UserTurns } from './user-turns.js';

it('one job of a user runs in a turn of the event loop, in order; those of other users do not wait', async () => {
  const turns = new UserTurns();
  const done: string[] = [];
  const jobs = ['a1', 'a2', 'a3', 'b1', 'b2'].map((name) => turns.run(name[0]!, () => done.push(name)));
  expect(done).toEqual(['a1', 'b1']);
  // Known at once: no promise for a user with one subscription.
  expect(jobs[0]).toBe(1);
  const lengths: number[] = [];
  while (done.length < 5) {
    await nextTurn();
    lengths.push(done.length);
  }
  expect(done).toEqual(['a1', 'b1', 'a2', 'b2', 'a3']);
  expect(lengths).toContain(4);
  await nextTurn();
  await nextTurn();
  expect(turns.run('a', () => done.push('a4'))).toBe(6);
});

it('a job that fails holds up no other one', async () => {
  const turns = new UserTurns();
  const fail = () => {
    throw new Error('failed');
  };
  expect(() => turns.run('a', fail)).toThrow('failed');
  await expect(turns.run('a', fail)).rejects.toThrow('failed');
  expect(await turns.run('a', () => 'done')).toBe('done');
});
