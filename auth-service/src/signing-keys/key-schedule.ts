/** The schedule of a key. */
export interface ScheduledKey {
  kid: string;
  createdAt: Date;
  signsFrom: Date;
}

/**
 * A new key is published this long before it signs: by then every instance of auth-service has read it (30 s), and every cached key set was
 * refreshed (5 minutes).
 */
export const PUBLISHED_AHEAD_MS = 10 * 60_000;
/** The clocks of other services may differ. */
const CLOCK_TOLERANCE_MS = 120_000;

/** The key that signs: of the keys whose `signsFrom` has passed, the latest. */
export function signingKeyAt<T extends ScheduledKey>(keys: T[], now: Date): T | undefined {
  return inOrder(keys).findLast(({ signsFrom }) => signsFrom <= now);
}

/** The next key, which is published and does not sign yet. */
export function waitingKeyAt<T extends ScheduledKey>(keys: T[], now: Date): T | undefined {
  return inOrder(keys).findLast(({ signsFrom }) => signsFrom > now);
}

/** Whether the next key must be created. Without a maximum age, only an operator rotates keys. */
export function isRotationDue(keys: ScheduledKey[], now: Date, maxAgeMs: number | null): boolean {
  if (maxAgeMs === null || waitingKeyAt(keys, now)) return false;
  const signing = signingKeyAt(keys, now);
  return signing !== undefined && now.getTime() + PUBLISHED_AHEAD_MS - signing.signsFrom.getTime() >= maxAgeMs;
}

/** Keys that no valid token is signed with: a later key has signed for longer than the lifetime of a token. */
export function retiredKeysAt<T extends ScheduledKey>(keys: T[], now: Date, tokenLifetimeMs: number): T[] {
  const ordered = inOrder(keys);
  return ordered.filter((_, i) => {
    const successor = ordered[i + 1];
    return successor !== undefined && successor.signsFrom.getTime() + tokenLifetimeMs + CLOCK_TOLERANCE_MS < now.getTime();
  });
}

function inOrder<T extends ScheduledKey>(keys: T[]): T[] {
  return keys.toSorted((a, b) => a.signsFrom.getTime() - b.signsFrom.getTime() || (a.kid < b.kid ? -1 : 1));
}
