import pLimit, { type LimitFunction } from 'p-limit';

/** The queue is full. */
export class QueueFullError extends Error {
  override readonly name = 'QueueFullError';
}

/** Runs at most `maxRunning` jobs at a time, in the order of their arrival; at most `maxWaiting` wait, and one more is refused at once. */
export class ConcurrencyLimiter {
  readonly #limit: LimitFunction;
  readonly #maxJobs: number;

  constructor(maxRunning: number, maxWaiting: number) {
    this.#limit = pLimit(maxRunning);
    this.#maxJobs = maxRunning + maxWaiting;
  }

  async run<T>(job: () => Promise<T>): Promise<T> {
    // Both counts: p-limit queues every job, and starts it a microtask later.
    if (this.#limit.activeCount + this.#limit.pendingCount >= this.#maxJobs) throw new QueueFullError();
    return this.#limit(job);
  }
}
