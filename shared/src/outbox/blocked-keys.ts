import { backoffMs } from '../async/index.js';

const BACKOFF = { firstMs: 1000, maxMs: 30_000 };

/** The keys of the outbox whose next event could not be published: reads leave them out until their backoff has passed. */
export class BlockedKeys {
  readonly #keys = new Map<string, { failures: number; until: number }>();

  get size(): number {
    return this.#keys.size;
  }

  /** The keys that a read has to leave out now. */
  now(): string[] {
    if (this.#keys.size === 0) return [];
    const now = performance.now();
    return [...this.#keys].filter(([, { until }]) => until > now).map(([key]) => key);
  }

  block(key: string): void {
    const failures = (this.#keys.get(key)?.failures ?? 0) + 1;
    this.#keys.set(key, { failures, until: performance.now() + backoffMs(failures - 1, BACKOFF) });
  }

  /** Removes the keys that were read and did not fail again, and those that have no rows any more. */
  release(read: { wasCut: boolean; rows: { key: string }[] }, failed: ReadonlyMap<string, unknown>): void {
    if (this.#keys.size === 0) return;
    const now = performance.now();
    const wereRead = new Set(read.rows.map((row) => row.key));
    for (const [key, { until }] of this.#keys) {
      const wasRetried = until <= now && (!read.wasCut || wereRead.has(key));
      if (wasRetried && !failed.has(key)) this.#keys.delete(key);
    }
  }
}
