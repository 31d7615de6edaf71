import { type Backoff, backoffMs } from '@chat/shared/async';
import { AppError } from '@chat/shared/errors';
import { setTimeout as sleep } from 'node:timers/promises';

/*
 * No statement waits long for a lock that another transaction holds, as other users need its connection: the functions in sql/ skip locked
 * rows, and `lock_timeout` of the pools ends all other waits. It is tried again without a connection: sends by GroupCommit, all else here.
 */

/** SQLSTATE of a statement that `lock_timeout` has ended. */
export const LOCK_NOT_AVAILABLE = '55P03';

const BACKOFF: Backoff = { firstMs: 10, maxMs: 200, jitter: 0.25 };
/** Below the time after which the gateway gives a request up. */
const RETRY_WITHIN_MS = 2000;

/** Nothing was changed, because another transaction holds a lock that is needed. */
export const rowLocked = (cause?: unknown) =>
  new AppError('unavailable', 'database/locked', 'The same data is being changed right now. Try again in a moment.', { cause });

export function isLocked(error: unknown): boolean {
  return error instanceof AppError && error.code === 'database/locked';
}

/** Repeats the work, with backoff, as long as it rejects with `rowLocked`, but no longer than two seconds. */
export async function retryWhileLocked<T>(work: () => Promise<T>): Promise<T> {
  const until = performance.now() + RETRY_WITHIN_MS;
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const delayMs = backoffMs(attempt, BACKOFF);
      if (!isLocked(error) || performance.now() + delayMs > until) throw error;
      await sleep(delayMs);
    }
  }
}
