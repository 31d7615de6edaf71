import { setTimeout as sleep } from 'node:timers/promises';
import { backoffMs } from '../async/index.js';
import { isTransient } from '../errors/index.js';

const ATTEMPTS = 3;
const BACKOFF = { firstMs: 200, maxMs: 2000, jitter: 0.25 };

/** The outcome of a call that may be repeated without harm: up to three attempts, each with its own deadline. */
export async function withRetries<T>(timeoutMs: number, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      return await call(signal);
    } catch (error) {
      if (attempt === ATTEMPTS || !(signal.aborted || isTransient(error))) throw error;
      await sleep(backoffMs(attempt - 1, BACKOFF));
    }
  }
}
