/**
 * Collects items that arrive while other items are being committed: one batch at a time, and everything that waits goes into the next one.
 * Under load the batches grow, and a commit costs nearly the same for many items as for one.
 *
 * Items are processed in the order of their arrival. A deferred item, and all later items with the same key, wait until its condition is met;
 * then they are processed in their order, before any other waiting item. Items with other keys do not wait for them.
 *
 * Every item has its answer within the deadline: its own outcome, or the error for lateness. An item that was not started by then is never
 * started; an item in a running batch may still take effect. Items are rejected when `maxWaiting` items wait for
 * their batch, or when as many are deferred: deferred items do not take the room of others.
 */
export class GroupCommit<Item, Answer> {
  #waiting: Entry<Item, Answer>[] = [];
  #running: Entry<Item, Answer>[] = [];
  readonly #deferred = new Map<string, Entry<Item, Answer>[]>();
  #deferredCount = 0;
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
      const outcomes = await this.options.run(batch.map(({ item }) => item));
      batch.forEach((entry, i) => this.#settle(entry, outcomes[i]!));
      this.#running = [];
    }
    this.#busy = false;
    this.#stopWatchWhenIdle();
  }

  #nextBatch(): Entry<Item, Answer>[] {
    if (this.#deferred.size > 0) this.#waiting = this.#waiting.filter((entry) => !this.#deferBehindOthers(entry));
    return this.#waiting.splice(0, this.options.maxBatch);
  }

  #deferBehindOthers(entry: Entry<Item, Answer>): boolean {
    const entries = this.#deferred.get(this.options.keyOf(entry.item));
    if (entries) this.#putOff(entry, entries);
    return entries !== undefined;
  }

  #putOff(entry: Entry<Item, Answer>, entries: Entry<Item, Answer>[]): void {
    if (this.#deferredCount >= this.options.maxWaiting) return entry.reject(this.options.full());
    this.#deferredCount++;
    entries.push(entry);
  }

  #settle(entry: Entry<Item, Answer>, outcome: Outcome<Answer>): void {
    if (outcome.status === 'fulfilled') entry.resolve(outcome.value);
    else if (outcome.status === 'rejected') entry.reject(outcome.reason);
    else if (!this.#deferBehindOthers(entry)) this.#defer(entry, outcome.until);
  }

  #defer(entry: Entry<Item, Answer>, until: Promise<void>): void {
    const key = this.options.keyOf(entry.item);
    const entries: Entry<Item, Answer>[] = [];
    this.#deferred.set(key, entries);
    this.#putOff(entry, entries);
    const end = (settle: () => void) => {
      this.#deferred.delete(key);
      this.#deferredCount -= entries.length;
      settle();
      this.#stopWatchWhenIdle();
    };
    until.then(
      () => end(() => this.#resume(entries)),
      (error: unknown) => end(() => entries.forEach(({ reject }) => reject(error))),
    );
  }

  #resume(entries: Entry<Item, Answer>[]): void {
    this.#waiting.unshift(...entries);
    if (entries.length > 0) this.#start();
  }

  #answerLate(): void {
    const now = performance.now();
    for (const entry of this.#running) if (entry.lateAt <= now) entry.reject(this.options.late());
    // In place: a deferred item keeps its list.
    for (const entries of [this.#waiting, ...this.#deferred.values()]) {
      const inTime = entries.filter(({ lateAt }) => lateAt > now);
      if (inTime.length === entries.length) continue;
      for (const entry of entries) if (entry.lateAt <= now) entry.reject(this.options.late());
      if (entries !== this.#waiting) this.#deferredCount -= entries.length - inTime.length;
      entries.splice(0, entries.length, ...inTime);
    }
  }

  #stopWatchWhenIdle(): void {
    if (this.#busy || this.#deferred.size > 0) return;
    clearInterval(this.#watch);
    this.#watch = undefined;
  }
}

const WATCH_INTERVAL_MS = 250;

/** `deferred`: the item has no effect so far, and is processed again when `until` resolves; it fails when `until` rejects. */
export type Outcome<Answer> = PromiseSettledResult<Answer> | { status: 'deferred'; until: Promise<void> };

export interface GroupCommitOptions<Item, Answer> {
  maxBatch: number;
  /** Items with the same key keep their order when one of them is deferred. */
  keyOf(item: Item): string;
  /** Processes a batch, and returns the outcome of each item, in their order. Must not reject. */
  run(batch: Item[]): Promise<Outcome<Answer>[]>;
  /** Of items that wait for their batch, and, separately, of deferred ones. */
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
