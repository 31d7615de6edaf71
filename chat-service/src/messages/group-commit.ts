import { DeferredEntries } from './deferred-entries.js';

/**
 * Collects items that arrive while other items are being committed: one batch at a time, and everything that waits goes into the next one.
 * Under load the batches grow, and a commit costs nearly the same for many items as for one.
 *
 * Items are processed in the order of their arrival. A deferred item, and all later items with one of its keys, wait until its condition is
 * met; then they are processed in their order, before any other waiting item. Items with other keys do not wait for them. Of items that
 * wait for a lock, the first one is tried again, with backoff, in the batch of the others; when it has got the lock, the rest follow.
 *
 * Every item has its answer within the deadline: its own outcome, or the error for lateness. An item that was not started by then is never
 * started; an item in a running batch may still take effect. Items are rejected when `maxWaiting` items wait for
 * their batch, or when as many are deferred: deferred items do not take the room of others.
 */
export class GroupCommit<Item, Answer> {
  #waiting: Entry<Item, Answer>[] = [];
  #running: Entry<Item, Answer>[] = [];
  readonly #deferred: DeferredEntries<Entry<Item, Answer>>;
  #busy = false;
  #watch: NodeJS.Timeout | undefined;

  constructor(private readonly options: GroupCommitOptions<Item, Answer>) {
    this.#deferred = new DeferredEntries({
      keysOf: ({ item }) => options.keysOf(item),
      maxEntries: options.maxWaiting,
      full: () => options.full(),
      late: () => options.late(),
      onChange: () => (this.#deferred.hasReady ? this.#start() : this.#stopWatchWhenIdle()),
    });
  }

  /** How many items wait for their batch. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** How many items are deferred. */
  get deferred(): number {
    return this.#deferred.count;
  }

  submit(item: Item): Promise<Answer> {
    if (this.#waiting.length >= this.options.maxWaiting) return Promise.reject(this.options.full());
    return new Promise<Answer>((resolve, reject) => {
      const lateAt = performance.now() + this.options.deadlineMs - WATCH_INTERVAL_MS;
      this.#waiting.push({ item, resolve, reject, lateAt });
      this.#start();
    });
  }

  #start(): void {
    if (this.#busy) return;
    this.#busy = true;
    this.#watch ??= setInterval(() => this.#answerLate(), WATCH_INTERVAL_MS);
    // Items that arrived in the same read from a socket go into the same batch.
    setImmediate(() => void this.#work());
  }

  async #work(): Promise<void> {
    for (let batch = this.#nextBatch(); batch.length > 0; batch = this.#nextBatch()) {
      this.#running = batch;
      const { entries, outcomes } = await this.#process(batch);
      entries.forEach((entry, i) => this.#settle(entry, outcomes[i]!));
      this.#running = [];
    }
    this.#busy = false;
    this.#stopWatchWhenIdle();
  }

  #nextBatch(): Entry<Item, Answer>[] {
    this.#waiting.unshift(...this.#deferred.take());
    return this.#waiting.splice(0, this.options.maxBatch);
  }

  /** The entries of the batch that are not deferred, and their outcomes. */
  async #process(batch: Entry<Item, Answer>[]): Promise<{ entries: Entry<Item, Answer>[]; outcomes: Outcome<Answer>[] }> {
    try {
      const preparing = this.options.prepare?.(itemsOf(batch), itemsOf(this.#deferred.firsts()));
      if (preparing) await preparing;
    } catch (reason) {
      return { entries: batch, outcomes: batch.map(() => ({ status: 'rejected', reason })) };
    }
    this.#deferred.reindex();
    // Only now all keys are known: before, a later item could get behind a deferred one earlier than this one.
    const entries = this.#deferred.isEmpty ? batch : batch.filter((entry) => !this.#deferred.addBehind(entry));
    return { entries, outcomes: entries.length === 0 ? [] : await this.options.run(itemsOf(entries)) };
  }

  #settle(entry: Entry<Item, Answer>, outcome: Outcome<Answer>): void {
    if (outcome.status === 'deferred') return this.#deferred.defer(entry, outcome.until);
    if (outcome.status === 'fulfilled') entry.resolve(outcome.value);
    else entry.reject(outcome.reason);
    this.#deferred.answered(entry);
  }

  #answerLate(): void {
    const now = performance.now();
    for (const entry of this.#running) if (entry.lateAt <= now) entry.reject(this.options.late());
    const inTime = this.#waiting.filter(({ lateAt }) => lateAt > now);
    for (const entry of this.#waiting) if (entry.lateAt <= now) this.#settle(entry, { status: 'rejected', reason: this.options.late() });
    this.#waiting = inTime;
    this.#deferred.rejectLate(now);
  }

  #stopWatchWhenIdle(): void {
    if (this.#busy || !this.#deferred.isEmpty) return;
    clearInterval(this.#watch);
    this.#watch = undefined;
  }
}

const WATCH_INTERVAL_MS = 250;

/**
 * `deferred`: the item has no effect so far, and is processed again when `until` resolves; it fails when `until` rejects. Without a promise,
 * another transaction has locked what it needs, and it is tried again after a while.
 */
export type Outcome<Answer> = PromiseSettledResult<Answer> | { status: 'deferred'; until: Promise<void> | null };

export interface GroupCommitOptions<Item, Answer> {
  maxBatch: number;
  /** Items that share a key keep their order when one of them is deferred. */
  keysOf(item: Item): string[];
  /** Finds out what `keysOf` needs, for a batch and for the first item of each list of deferred ones. Rejects: the batch fails. */
  prepare?(batch: Item[], deferred: Item[]): Promise<void> | undefined;
  /** Processes a batch, and returns the outcome of each item, in their order. Must not reject. */
  run(batch: Item[]): Promise<Outcome<Answer>[]>;
  /** Of items that wait for their batch, and, separately, of deferred ones. */
  maxWaiting: number;
  deadlineMs: number;
  full(): Error;
  late(): Error;
}

function itemsOf<Item>(entries: { item: Item }[]): Item[] {
  return entries.map(({ item }) => item);
}

interface Entry<Item, Answer> {
  item: Item;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
  lateAt: number;
}
