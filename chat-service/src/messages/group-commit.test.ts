import { afterEach, describe, expect, it, vi } from 'vitest';
import { GroupCommit } from './group-commit.js';

afterEach(() => {
  vi.useRealTimers();
});

/** A group commit whose batches end when the test says so. */
function stage(options: { maxWaiting?: number; batchSize?: (waiting: Iterable<number>) => number } = {}) {
  const batches: { items: number[]; end: (fail?: Error) => void }[] = [];
  const commits = new GroupCommit<number, string>({
    batchSize: options.batchSize ?? (() => 128),
    run: (items) =>
      new Promise((resolve) => {
        const end = (fail?: Error) =>
          resolve(items.map((item) => (fail ? { status: 'rejected', reason: fail } : { status: 'fulfilled', value: `stored ${item}` })));
        batches.push({ items, end });
      }),
    maxWaiting: options.maxWaiting ?? 100,
    deadlineMs: 3000,
    full: () => new Error('full'),
    late: () => new Error('late'),
  });
  return { commits, batches };
}

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

describe('GroupCommit', () => {
  it('puts what arrives together, and what arrives during a commit, into one batch each', async () => {
    const { commits, batches } = stage();
    const first = [commits.submit(1), commits.submit(2)];
    await nextTurn();
    const second = [commits.submit(3), commits.submit(4), commits.submit(5)];
    await nextTurn();
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

  it('takes at least one item, however small the batch is said to be', async () => {
    const { commits, batches } = stage({ batchSize: () => 0 });
    const answers = [commits.submit(1), commits.submit(2)];
    await nextTurn();
    batches[0]!.end();
    await answers[0];
    expect(batches.map(({ items }) => items)).toEqual([[1], [2]]);
    batches[1]!.end();
    await answers[1];
  });

  it('goes on after a batch that failed', async () => {
    const { commits, batches } = stage();
    const failed = commits.submit(1);
    await nextTurn();
    const next = commits.submit(2);
    batches[0]!.end(new Error('connection lost'));
    await expect(failed).rejects.toThrow('connection lost');
    batches[1]!.end();
    expect(await next).toBe('stored 2');
    const later = commits.submit(3);
    await nextTurn();
    batches[2]!.end();
    expect(await later).toBe('stored 3');
  });

  it('refuses what comes when too many wait', async () => {
    const { commits, batches } = stage({ maxWaiting: 2 });
    const taken = [commits.submit(1), commits.submit(2)];
    await expect(commits.submit(3)).rejects.toThrow('full');
    await nextTurn();
    batches[0]!.end();
    expect(await Promise.all(taken)).toEqual(['stored 1', 'stored 2']);
  });

  it('answers within the deadline, and does not begin what is late', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance', 'setImmediate', 'clearImmediate'] });
    const { commits, batches } = stage();
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
});
