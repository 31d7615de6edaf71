import type { PromiseOrValue } from './shared-results.js';

/**
 * Runs the jobs of a user one in each turn of the event loop, in the order of the calls. A user with 100 subscriptions, all with long selections, has 100
 * results computed for each event: others do not wait for more than one of them.
 */
export class UserTurns {
  private readonly waiting = new Map<string, (() => void)[]>();

  /** The outcome of the job. The first one of a turn runs at once. */
  run<T>(userId: string, job: () => PromiseOrValue<T>): PromiseOrValue<T> {
    const queue = this.waiting.get(userId);
    if (queue) return new Promise<void>((resolve) => queue.push(resolve)).then(job);
    this.waiting.set(userId, []);
    setImmediate(() => this.next(userId));
    return job();
  }

  private next(userId: string): void {
    const job = this.waiting.get(userId)?.shift();
    if (!job) return void this.waiting.delete(userId);
    setImmediate(() => this.next(userId));
    job();
  }
}
