import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { GroupCommit, type Outcome } from './group-commit.js';

beforeEach(() => {
  vi.useFakeTimers();
  // Without jitter: the times of the batches are the same in each run.
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const BACKOFF_MS = 300;

/** A group commit of items such as `a1`, whose key is the letter; those with a locked letter are deferred. Each batch takes a millisecond. */
function setUp() {
  const locked = new Set<string>();
  const batches: string[][] = [];
  const commits = new GroupCommit<string, string>({
    maxBatch: 128,
    keysOf: (item) => [item[0]!],
    run: async (items) => {
      batches.push(items);
      await new Promise((resolve) => setTimeout(resolve, 1));
      return items.map((item): Outcome<string> => {
        if (locked.has(item[0]!)) return { status: 'deferred', until: null };
        return { status: 'fulfilled', value: item };
      });
    },
    maxWaiting: 100,
    deadlineMs: 3000,
    full: () => new Error('full'),
    late: () => new Error('late'),
  });
  const submit = (...items: string[]) => items.map((item) => commits.submit(item).catch((error: Error) => error.message));
  return { commits, locked, batches, submit };
}

it('tries the first of the items that wait for a lock again, in the batch of others; the rest follow in order', async () => {
  const { locked, batches, submit, commits } = setUp();
  locked.add('a');
  const answers = submit('a1', 'a2', 'b1');
  await vi.advanceTimersByTimeAsync(2);
  answers.push(...submit('a3', 'b2'));
  await vi.advanceTimersByTimeAsync(BACKOFF_MS);
  expect(batches.slice(0, 2)).toEqual([['a1', 'a2', 'b1'], ['b2']]);
  expect(new Set(batches.slice(2).flat())).toEqual(new Set(['a1']));
  expect(commits.deferred).toBe(3);
  locked.clear();
  batches.length = 0;
  answers.push(...submit('a4'));
  await vi.advanceTimersByTimeAsync(BACKOFF_MS);
  expect(batches.flat()).toEqual(['a1', 'a2', 'a3', 'a4']);
  expect(await Promise.all(answers)).toEqual(['a1', 'a2', 'b1', 'a3', 'b2', 'a4']);
  expect(commits.deferred).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});

it('answers every item at the deadline, also one that is late while its attempt to get the lock runs', async () => {
  const { commits, locked, submit } = setUp();
  const keys = [...'abcdefghijklmnopqrstuvwx'];
  const answers: string[] = [];
  for (const key of keys) {
    locked.add(key);
    for (const answer of submit(key)) void answer.then((text) => answers.push(text));
    await vi.advanceTimersByTimeAsync(10);
  }
  await vi.advanceTimersByTimeAsync(4000);
  expect(answers).toEqual(keys.map(() => 'late'));
  expect(commits.deferred).toBe(0);
});

it('rejects the items that wait for a lock at the deadline, and does not try them again', async () => {
  const { locked, batches, submit } = setUp();
  locked.add('a');
  const answers = submit('a1', 'a2');
  await vi.advanceTimersByTimeAsync(3000);
  expect(await Promise.all(answers)).toEqual(['late', 'late']);
  batches.length = 0;
  locked.clear();
  await vi.advanceTimersByTimeAsync(3000);
  expect(batches).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});

it('tries few of many items that wait for a lock in one batch, so that the others have room', async () => {
  const { locked, batches, submit } = setUp();
  const letters = Array.from({ length: 60 }, (_, i) => String.fromCodePoint(0x4e00 + i));
  for (const letter of letters) locked.add(letter);
  const answers = submit(...letters.map((letter) => `${letter}1`));
  await vi.advanceTimersByTimeAsync(BACKOFF_MS);
  expect(batches[0]).toHaveLength(60);
  expect(Math.max(...batches.slice(1).map(({ length }) => length))).toBeLessThanOrEqual(16);
  locked.clear();
  await vi.advanceTimersByTimeAsync(BACKOFF_MS);
  expect(await Promise.all(answers)).toEqual(letters.map((letter) => `${letter}1`));
});
