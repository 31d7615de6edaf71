import { afterEach, describe, expect, it, vi } from 'vitest';
import { GroupCommit } from './group-commit.js';

afterEach(() => {
  vi.useRealTimers();
});

/** A group commit whose batches end when the test ends them. The key of an item is its last digit. */
function setUp(options: { maxWaiting?: number; maxBatch?: number } = {}) {
  const batches: { items: number[]; end: (fail?: Error) => void; defer: (until: Promise<void>) => void }[] = [];
  const commits = new GroupCommit<number, string>({
    maxBatch: options.maxBatch ?? 128,
    keysOf: (item) => [String(item % 10)],
    run: (items) =>
      new Promise((resolve) => {
        const end = (fail?: Error) =>
          resolve(items.map((item) => (fail ? { status: 'rejected', reason: fail } : { status: 'fulfilled', value: `stored ${item}` })));
        const defer = (until: Promise<void>) => resolve(items.map(() => ({ status: 'deferred', until })));
        batches.push({ items, end, defer });
      }),
    maxWaiting: options.maxWaiting ?? 100,
    deadlineMs: 3000,
    full: () => new Error('full'),
    late: () => new Error('late'),
  });
  return { commits, batches };
}

const nextTick = () => new Promise((resolve) => setImmediate(resolve));

describe('GroupCommit', () => {
  it('puts items that arrive together, and items that arrive during a commit, into one batch each', async () => {
    const { commits, batches } = setUp();
    const first = [commits.submit(1), commits.submit(2)];
    await nextTick();
    const second = [commits.submit(3), commits.submit(4), commits.submit(5)];
    await nextTick();
    expect(batches.map(({ items }) => items)).toEqual([[1, 2]]);
    batches[0]!.end();
    expect(await Promise.all(first)).toEqual(['stored 1', 'stored 2']);
    batches[1]!.end();
    expect(await Promise.all(second)).toEqual(['stored 3', 'stored 4', 'stored 5']);
    expect(batches.map(({ items }) => items)).toEqual([
      [1, 2],
      [3, 4, 5],
    ]);
  });

  it('starts at most maxBatch items at once', async () => {
    const { commits, batches } = setUp({ maxBatch: 1 });
    const answers = [commits.submit(1), commits.submit(2)];
    await nextTick();
    batches[0]!.end();
    await answers[0];
    expect(batches.map(({ items }) => items)).toEqual([[1], [2]]);
    batches[1]!.end();
    await answers[1];
  });

  it('continues after a batch that failed', async () => {
    const { commits, batches } = setUp();
    const failed = commits.submit(1);
    await nextTick();
    const next = commits.submit(2);
    batches[0]!.end(new Error('connection lost'));
    await expect(failed).rejects.toThrow('connection lost');
    batches[1]!.end();
    expect(await next).toBe('stored 2');
    const later = commits.submit(3);
    await nextTick();
    batches[2]!.end();
    expect(await later).toBe('stored 3');
  });

  it('rejects items when too many wait', async () => {
    const { commits, batches } = setUp({ maxWaiting: 2 });
    const taken = [commits.submit(1), commits.submit(2)];
    await expect(commits.submit(3)).rejects.toThrow('full');
    await nextTick();
    batches[0]!.end();
    expect(await Promise.all(taken)).toEqual(['stored 1', 'stored 2']);
  });

  it('rejects items when too many are deferred, and takes others', async () => {
    const { commits, batches } = setUp({ maxWaiting: 2 });
    const { promise: condition, resolve: meet } = Promise.withResolvers<void>();
    const answers = [commits.submit(1), commits.submit(11)];
    await nextTick();
    batches[0]!.defer(condition);
    await nextTick();
    const refused = commits.submit(21).catch((error: Error) => error.message);
    answers.push(commits.submit(2));
    await nextTick();
    expect(await refused).toBe('full');
    batches[1]!.end();
    await answers[2];
    meet();
    await nextTick();
    await nextTick();
    batches[2]!.end();
    expect(await Promise.all(answers)).toEqual(['stored 1', 'stored 11', 'stored 2']);
  });

  it('answers within the deadline, and does not start late items', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance', 'setImmediate', 'clearImmediate'] });
    const { commits, batches } = setUp();
    const running = commits.submit(1).catch((error: Error) => error.message);
    await vi.advanceTimersByTimeAsync(1);
    const waiting = commits.submit(2).catch((error: Error) => error.message);
    await vi.advanceTimersByTimeAsync(1000);
    const inTime = commits.submit(3);
    await vi.advanceTimersByTimeAsync(2000);
    expect(await running).toBe('late');
    expect(await waiting).toBe('late');
    batches[0]!.end();
    await vi.advanceTimersByTimeAsync(1);
    expect(batches[1]!.items).toEqual([3]);
    batches[1]!.end();
    expect(await inTime).toBe('stored 3');
  });

  it('processes deferred items and later ones with their key in order, before any other, and lets other keys pass', async () => {
    const { commits, batches } = setUp();
    const { promise: condition, resolve: meet } = Promise.withResolvers<void>();
    const answers = [commits.submit(11), commits.submit(21)];
    await nextTick();
    answers.push(commits.submit(31), commits.submit(2));
    batches[0]!.defer(condition);
    await nextTick();
    expect(batches[1]!.items).toEqual([2]);
    answers.push(commits.submit(41), commits.submit(12));
    meet();
    await nextTick();
    answers.push(commits.submit(51));
    batches[1]!.end();
    await nextTick();
    expect(batches[2]!.items).toEqual([11, 21, 31, 41, 12, 51]);
    batches[2]!.end();
    expect(await Promise.all(answers)).toEqual([11, 21, 31, 2, 41, 12, 51].map((item) => `stored ${item}`));
  });

  it('fails deferred items when their condition fails, or at the deadline', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance', 'setImmediate', 'clearImmediate'] });
    const { commits, batches } = setUp();
    const { promise: condition, reject: fail } = Promise.withResolvers<void>();
    const late = commits.submit(1).catch((error: Error) => error.message);
    await vi.advanceTimersByTimeAsync(1);
    batches[0]!.defer(condition);
    await vi.advanceTimersByTimeAsync(2000);
    const failed = commits.submit(11).catch((error: Error) => error.message);
    await vi.advanceTimersByTimeAsync(1000);
    expect(await late).toBe('late');
    fail(new Error('no such user'));
    expect(await failed).toBe('no such user');
    expect(vi.getTimerCount()).toBe(0);
  });
});
