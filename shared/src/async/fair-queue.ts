/** Jobs that use much of a resource, such as a core. */
export interface FairQueueOptions {
  /** Jobs that run at a time. */
  concurrency: number;
  /** Jobs that wait; one more is refused. */
  maxWaiting: number;
  /** Jobs of one key that wait; one more is refused. */
  maxWaitingPerKey: number;
  /** The error of a job that is refused. */
  full: () => Error;
}

/** Runs jobs in turn for each key: one job of a key at a time, and a key with many jobs does not delay the next job of another key. */
export class FairQueue {
  /** The waiting jobs by key. The order of the keys is that of their turns. */
  readonly #waiting = new Map<string, (() => Promise<void>)[]>();
  readonly #running = new Set<string>();
  #waitingCount = 0;

  constructor(private readonly options: FairQueueOptions) {}

  /** The outcome of the job. Rejects with `full()`, without running it, if too many wait. */
  async run<T>(key: string, job: () => Promise<T>): Promise<T> {
    const ofKey = this.#waiting.get(key) ?? [];
    if (this.#waitingCount >= this.options.maxWaiting || ofKey.length >= this.options.maxWaitingPerKey) throw this.options.full();
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    ofKey.push(() => job().then(resolve, reject));
    this.#waiting.set(key, ofKey);
    this.#waitingCount++;
    this.#startNext();
    return promise;
  }

  #startNext(): void {
    if (this.#running.size >= this.options.concurrency) return;
    for (const [key, jobs] of this.#waiting) {
      if (this.#running.has(key)) continue;
      this.#waiting.delete(key);
      const job = jobs.shift()!;
      // Its next turn is after those of all other keys.
      if (jobs.length > 0) this.#waiting.set(key, jobs);
      this.#waitingCount--;
      this.#running.add(key);
      void job().finally(() => {
        this.#running.delete(key);
        this.#startNext();
      });
      return;
    }
  }
}
