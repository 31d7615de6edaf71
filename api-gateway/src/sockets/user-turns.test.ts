import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { UserTurns } from './user-turns.js';

/** The jobs that were started after the calls, and after each turn of the event loop. */
async function startedOf(turns: UserTurns, names: string[], outcome: () => unknown = () => undefined): Promise<string[]> {
  const started: string[] = [];
  const jobs = names.map((name) => turns.run(name[0]!, () => (started.push(name), outcome())));
  const steps = [started.join(' ')];
  while (started.length < names.length) {
    await nextTurn();
    if (started.length > steps.at(-1)!.split(' ').length) steps.push(started.join(' '));
  }
  await Promise.all(jobs);
  await nextTurn();
  return steps;
}

const NAMES = ['a1', 'a2', 'a3', 'b1', 'b2'];
const IN_TURNS = ['a1 b1', 'a1 b1 a2 b2', 'a1 b1 a2 b2 a3'];

it('jobs of a user that take long run one in a turn of the event loop, in order; those of other users do not wait for them', async () => {
  expect(await startedOf(new UserTurns(0), NAMES)).toEqual(IN_TURNS);
  // Without a promise.
  expect(new UserTurns(0).run('a', () => 'at once')).toBe('at once');
});

it('so do jobs without an outcome, because it is not known what they take', async () => {
  expect(await startedOf(new UserTurns(1e9), NAMES, () => nextTurn())).toEqual(IN_TURNS);
});

it('jobs that take little, as those of a replay, run at once', async () => {
  expect(await startedOf(new UserTurns(1e9), NAMES)).toEqual(['a1 a2 a3 b1 b2']);
});

it('a job that fails holds up no other one', async () => {
  const turns = new UserTurns(1e9);
  const fail = () => Promise.reject(new Error('failed'));
  const jobs = [turns.run('a', fail), turns.run('a', fail), turns.run('a', () => 'done')];
  expect(await Promise.allSettled(jobs)).toMatchObject([{ status: 'rejected' }, { status: 'rejected' }, { value: 'done' }]);
});
