import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { rejectOnAbort, sleepUntilAborted, TimeoutError, waitAtMost, withTimeout } from './deadlines.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const never = () => new Promise<never>(() => {});

it('gives the outcome of work that finishes in time, and leaves no timer', async () => {
  expect(await withTimeout(Promise.resolve(1), 1000)).toBe(1);
  await expect(withTimeout(Promise.reject(new Error('broken')), 1000)).rejects.toThrow('broken');
  expect(vi.getTimerCount()).toBe(0);
});

it('rejects work that takes too long, and ignores its late error', async () => {
  const { promise: work, reject } = Promise.withResolvers<void>();
  const late = withTimeout(work, 1000);
  vi.advanceTimersByTime(1000);
  await expect(late).rejects.toThrow(TimeoutError);
  await expect(late).rejects.toThrow('no answer within 1000 ms');
  reject(new Error('late'));
});

it('waits no longer than allowed, whatever the outcome of the work is', async () => {
  await expect(waitAtMost(1000, undefined)).resolves.toBeUndefined();
  await expect(waitAtMost(1000, Promise.reject(new Error('broken')))).resolves.toBeUndefined();
  const waiting = waitAtMost(1000, never());
  vi.advanceTimersByTime(1000);
  await expect(waiting).resolves.toBeUndefined();
});

it('rejects with the reason of an aborted signal', async () => {
  const controller = new AbortController();
  const aborted = rejectOnAbort(never(), controller.signal);
  controller.abort(new Error('stopped'));
  await expect(aborted).rejects.toThrow('stopped');
  await expect(rejectOnAbort(never(), controller.signal)).rejects.toThrow('stopped');
  expect(await rejectOnAbort(Promise.resolve(1), new AbortController().signal)).toBe(1);
});

it('ends a sleep early when the signal is aborted', async () => {
  const controller = new AbortController();
  const sleeping = sleepUntilAborted(1000, controller.signal);
  controller.abort();
  await expect(sleeping).resolves.toBeUndefined();
  expect(vi.getTimerCount()).toBe(0);
});
