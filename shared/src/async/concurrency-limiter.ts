import pLimit, { type LimitFunction } from 'p-limit';

/** The queue of a ConcurrencyLimiter is full: the job was not started. */
export class QueueFullError extends Error {
  override readonly name = 'QueueFullError';

  constructor() {
    super('the queue is full');
  }
}

/** Runs at most `maxRunning` jobs at a time, in the order of their arrival. At most `maxQueued` wait (default: any number); one more is refused. */
export class ConcurrencyLimiter {
  readonly #limit: LimitFunction;
  readonly #maxQueued: number;
  #unfinished = 0;

  constructor({ maxRunning, maxQueued = Infinity }: { maxRunning: number; maxQueued?: number }) {
    this.#limit = pLimit(maxRunning);
    this.#maxQueued = maxQueued;
  }

  /** The outcome of the job; rejects with QueueFullError, without running it, when the queue is full. */
  async run<T>(job: () => Promise<T>): Promise<T> {
    if (this.#unfinished >= this.#limit.concurrency + this.#maxQueued) throw new QueueFullError();
    this.#unfinished++;
    try {
      return await this.#limit(job);
    } finally {
      this.#unfinished--;
    }
  }
}
