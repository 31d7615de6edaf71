/** A mail that is a day late is useless. */
const MAX_AGE_MS = 86_400_000;
const FIRST_DELAY_SECONDS = 5;
const MAX_DELAY_SECONDS = 600;

/** Seconds until the next attempt, after this many failed attempts; null: no further attempt. */
export function retryDelaySeconds(attempts: number, requestedAt: Date, now: Date): number | null {
  if (now.getTime() - requestedAt.getTime() > MAX_AGE_MS) return null;
  return Math.min(FIRST_DELAY_SECONDS * 2 ** (attempts - 1), MAX_DELAY_SECONDS);
}
