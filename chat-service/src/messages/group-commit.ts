/**
 * Puts work together that comes while other work is being committed: one batch at a time, everything that waits goes into
 * the next one. Under load the batches grow, and a commit costs nearly the same for many as for one.
 *
 * Every item has its answer within the deadline: its own outcome, or the error for lateness. An item that was not begun by
 * then is never begun; one in a running batch may still take effect. Beyond the bound nothing more is taken.
 */
export class GroupCommit<Item, Answer> {
  #waiting: Entry<Item, Answer>[] = [];
  #running: Entry<Item, Answer>[] = [];
  #busy = false;
  #watch: NodeJS.Timeout | undefined;

  constructor(private readonly options: GroupCommitOptions<Item, Answer>) {}

  /** How many items wait for their batch. */
  get waiting(): number {
    return this.#waiting.length;
  }

  submit(item: Item): Promise<Answer> {
    if (this.#waiting.length >= this.options.maxWaiting) return Promise.reject(this.options.full());
    return new Promise<Answer>((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject, lateAt: performance.now() + this.options.deadlineMs - WATCH_INTERVAL_MS });
      if (this.#busy) return;
      this.#busy = true;
      this.#watch = setInterval(() => this.#answerLate(), WATCH_INTERVAL_MS);
      // What arrived in the same read from a socket goes in the same batch.
      setImmediate(() => void this.#work());
    });
  }

  async #work(): Promise<void> {
    while (this.#waiting.length > 0) {
      const size = Math.min(Math.max(this.options.batchSize(this.#upcoming()), 1), this.#waiting.length);
      const batch = this.#waiting.splice(0, size);
      this.#running = batch;
      const outcomes = await this.options.run(batch.map(({ item }) => item));
      batch.forEach((entry, i) => {
        const outcome = outcomes[i]!;
        if (outcome.status === 'fulfilled') entry.resolve(outcome.value);
        else entry.reject(outcome.reason);
      });
      this.#running = [];
    }
    this.#busy = false;
    clearInterval(this.#watch);
  }

  *#upcoming(): Generator<Item> {
    for (const { item } of this.#waiting) yield item;
  }

  /** Answers are given in the order of arrival, so the late ones are in front. */
  #answerLate(): void {
    const now = performance.now();
    for (const entry of this.#running) if (entry.lateAt <= now) entry.reject(this.options.late());
    const inTime = this.#waiting.findIndex(({ lateAt }) => lateAt > now);
    const late = this.#waiting.splice(0, inTime === -1 ? this.#waiting.length : inTime);
    for (const entry of late) entry.reject(this.options.late());
  }
}

const WATCH_INTERVAL_MS = 250;

export interface GroupCommitOptions<Item, Answer> {
  /** How many of the items that wait go into the next batch. */
  batchSize(waiting: Iterable<Item>): number;
  /** Takes effect for all items of a batch; one outcome for each, in their order. Must not reject. */
  run(batch: Item[]): Promise<PromiseSettledResult<Answer>[]>;
  maxWaiting: number;
  deadlineMs: number;
  full(): Error;
  late(): Error;
}

interface Entry<Item, Answer> {
  item: Item;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
  lateAt: number;
}
