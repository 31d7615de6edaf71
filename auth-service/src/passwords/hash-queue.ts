/** The kinds of work that a HashQueue distinguishes: the check of an existing password, and the hash of a new one. */
export type HashPurpose = 'check' | 'store';

/** The queue is full, for all or for this source: the job was not started. */
export class QueueFullError extends Error {
  override readonly name = 'QueueFullError';

  constructor() {
    super('the queue of password hashes is full');
  }
}

interface WaitingJob {
  start: () => void;
  refuse: (error: QueueFullError) => void;
}

/**
 * Runs at most `maxRunning` jobs at a time, and shares the starts fairly. While jobs of both purposes wait, each purpose gets every second
 * start, so new accounts cannot keep users from signing in. Within a purpose the sources take turns, so one source cannot keep out others.
 *
 * At most `maxQueued` jobs of a purpose wait, and at most `maxQueuedPerSource` of one source. If the queue is full, a job of a source that
 * has fewer waiting jobs displaces the newest job of the source that has most.
 */
export class HashQueue {
  readonly #waiting: Record<HashPurpose, Map<string, WaitingJob[]>> = { check: new Map(), store: new Map() };
  readonly #limits: { maxRunning: number; maxQueued: number; maxQueuedPerSource: number };
  #running = 0;
  #lastStarted: HashPurpose = 'store';

  constructor(limits: { maxRunning: number; maxQueued: number; maxQueuedPerSource: number }) {
    this.#limits = limits;
  }

  /** The outcome of the job; rejects with QueueFullError, without running it, when there is no room for it. */
  async run<T>(purpose: HashPurpose, source: string, job: () => Promise<T>): Promise<T> {
    if (this.#running < this.#limits.maxRunning) {
      this.#running += 1;
      this.#lastStarted = purpose;
    } else await new Promise<void>((start, refuse) => this.#enqueue(purpose, source, { start, refuse }));
    try {
      return await job();
    } finally {
      this.#startNext();
    }
  }

  #enqueue(purpose: HashPurpose, source: string, job: WaitingJob): void {
    const bySource = this.#waiting[purpose];
    const own = bySource.get(source) ?? [];
    const { maxQueued, maxQueuedPerSource } = this.#limits;
    const isFull = [...bySource.values()].reduce((sum, { length }) => sum + length, 0) >= maxQueued;
    if (own.length >= maxQueuedPerSource || (isFull && !displaceOne(bySource, own.length))) return job.refuse(new QueueFullError());
    own.push(job);
    bySource.set(source, own);
  }

  /** Gives the slot of a finished job to the next one: of the other purpose than the last one, if it has any, and of the next source. */
  #startNext(): void {
    const other = this.#lastStarted === 'check' ? 'store' : 'check';
    const purpose = this.#waiting[other].size > 0 ? other : this.#lastStarted;
    const bySource = this.#waiting[purpose];
    const [next] = bySource;
    if (!next) {
      this.#running -= 1;
      return;
    }
    const [source, jobs] = next;
    const job = jobs.shift()!;
    // Behind the other sources.
    bySource.delete(source);
    if (jobs.length > 0) bySource.set(source, jobs);
    this.#lastStarted = purpose;
    job.start();
  }
}

/** Refuses the newest job of the source with the most jobs, if it keeps at least as many as the new job's source then has. */
function displaceOne(bySource: Map<string, WaitingJob[]>, ownJobs: number): boolean {
  const longest = [...bySource.values()].reduce((most, jobs) => (jobs.length > most.length ? jobs : most));
  if (longest.length <= ownJobs + 1) return false;
  longest.pop()!.refuse(new QueueFullError());
  return true;
}
