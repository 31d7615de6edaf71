/** The delays of repeated attempts: exponential, from the first to the longest, in milliseconds. */
export interface Backoff {
  firstMs: number;
  maxMs: number;
  /** The share by which a delay varies at random, 0 (the default) to 1: 0.25 makes it 75 % to 125 %, so that clients do not retry at one time. */
  jitter?: number;
}

/** The delay before the next attempt, in milliseconds: `firstMs` after attempt 0, twice as long after each further one, at most `maxMs`. */
export function backoffMs(attempt: number, { firstMs, maxMs, jitter = 0 }: Backoff): number {
  const delayMs = Math.min(maxMs, firstMs * 2 ** Math.min(attempt, 52));
  return jitter === 0 ? delayMs : delayMs * (1 - jitter + 2 * jitter * Math.random());
}

/** Of attempts that are repeated without end, the first is logged and then every twelfth: with delays of 5 s, one line each minute. */
export function shouldLogAttempt(attempt: number): boolean {
  return attempt % 12 === 0;
}
