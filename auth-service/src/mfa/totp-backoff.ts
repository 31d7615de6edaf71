/** So many wrong codes in a row cost nothing: people mistype. */
const FREE_TRIES = 5;
const FIRST_DELAY_MS = 2000;
const LONGEST_DELAY_MS = 15 * 60_000;

/**
 * How long after a wrong code the next one is looked at: each one beyond the free tries doubles it. At the longest, guessing one of the
 * three codes that are good at a time takes years. Whoever tries knows the password already; the owner has the recovery codes, which
 * are not slowed.
 */
export function totpBackoffMs(failedCodes: number): number {
  if (failedCodes < FREE_TRIES) return 0;
  return Math.min(FIRST_DELAY_MS * 2 ** (failedCodes - FREE_TRIES), LONGEST_DELAY_MS);
}
