/** When a key signs. */
export interface ScheduledKey {
  kid: string;
  createdAt: Date;
  signsFrom: Date;
}

/**
 * A new key is published so long before it signs: by then every instance of auth-service has read it (30 s), and every copy of the key set
 * has been read again (5 minutes).
 */
export const PUBLISHED_AHEAD_MS = 10 * 60_000;
/** The clocks of those who verify may differ. */
const CLOCK_TOLERANCE_MS = 120_000;

/** The key to sign with: of those whose time has come, the one whose time came last. */
export function signingKeyAt<T extends ScheduledKey>(keys: T[], now: Date): T | undefined {
  return inOrder(keys).findLast(({ signsFrom }) => signsFrom <= now);
}

/** A key that was made and does not sign yet. */
export function waitingKeyAt<T extends ScheduledKey>(keys: T[], now: Date): T | undefined {
  return inOrder(keys).findLast(({ signsFrom }) => signsFrom > now);
}

/** Whether it is time to make the next key. Without an age keys are rotated by command only. */
export function isRotationDue(keys: ScheduledKey[], now: Date, maxAgeMs: number | null): boolean {
  if (maxAgeMs === null || waitingKeyAt(keys, now)) return false;
  const signing = signingKeyAt(keys, now);
  return signing !== undefined && now.getTime() + PUBLISHED_AHEAD_MS - signing.signsFrom.getTime() >= maxAgeMs;
}

/** Keys that no valid token can be signed with any more: another one signs for longer than the last token of theirs lives. */
export function retiredKeysAt<T extends ScheduledKey>(keys: T[], now: Date, lifeOfTokensMs: number): T[] {
  const ordered = inOrder(keys);
  return ordered.filter((_, i) => {
    const successor = ordered[i + 1];
    return successor !== undefined && successor.signsFrom.getTime() + lifeOfTokensMs + CLOCK_TOLERANCE_MS < now.getTime();
  });
}

function inOrder<T extends ScheduledKey>(keys: T[]): T[] {
  return keys.toSorted((a, b) => a.signsFrom.getTime() - b.signsFrom.getTime() || (a.kid < b.kid ? -1 : 1));
}
