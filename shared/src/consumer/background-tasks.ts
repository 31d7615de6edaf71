import type { Log } from '../observability/index.js';

/** Work that is awaited only when the process stops: retries and reads of positions. */
export class BackgroundTasks {
  readonly #running = new Set<Promise<void>>();

  constructor(
    private readonly log: Log,
    private readonly fields: object,
  ) {}

  /** An error of the task is logged. */
  add(task: Promise<void>): void {
    const tracked = task
      .catch((error: unknown) => this.log.error({ error, ...this.fields }, 'background task failed'))
      .finally(() => this.#running.delete(tracked));
    this.#running.add(tracked);
  }

  /** Resolves when every task that runs now has finished. */
  async finished(): Promise<void> {
    await Promise.allSettled(this.#running);
  }
}
