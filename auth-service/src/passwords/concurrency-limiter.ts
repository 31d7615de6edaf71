/** Says that the queue is full. */
export class QueueFullError extends Error {
  override readonly name = 'QueueFullError';
}

/** Runs at most `maxRunning` jobs at a time, in the order they came; at most `maxWaiting` wait, one more is refused at once. */
export class ConcurrencyLimiter {
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(
    private readonly maxRunning: number,
    private readonly maxWaiting: number,
  ) {}

  async run<T>(job: () => Promise<T>): Promise<T> {
    if (this.#running < this.maxRunning) {
      this.#running += 1;
    } else {
      if (this.#waiting.length >= this.maxWaiting) throw new QueueFullError();
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    try {
      return await job();
    } finally {
      // The place goes to the next in line; only without one does it become free.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }
}
