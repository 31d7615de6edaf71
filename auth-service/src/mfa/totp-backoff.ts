import { type Backoff, backoffMs } from '@chat/shared/async';

/** Users mistype: this many wrong codes in a row cause no delay. */
const FREE_ATTEMPTS = 5;
const BACKOFF: Backoff = { firstMs: 2000, maxMs: 15 * 60_000 };

/**
 * The delay after the last wrong code before the next code is checked. It doubles with each wrong code. At its maximum, guessing one of the
 * three codes that are valid at a time takes years. An attacker at this point knows the password; the owner has the recovery codes, which
 * are not delayed.
 */
export function totpBackoffMs(failedCodes: number): number {
  return failedCodes < FREE_ATTEMPTS ? 0 : backoffMs(failedCodes - FREE_ATTEMPTS, BACKOFF);
}
