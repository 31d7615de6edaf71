/** After this long, minutes or hours of attempts later, nobody waits for the mail any more. */
const GIVE_UP_AFTER_MS = 86_400_000;
const FIRST_PAUSE_SECONDS = 5;
const LONGEST_PAUSE_SECONDS = 600;

/** When to try again after the so-manieth attempt failed; null: not at all. */
export function pauseAfterFailure(attempts: number, requestedAt: Date, now: Date): number | null {
  if (now.getTime() - requestedAt.getTime() > GIVE_UP_AFTER_MS) return null;
  return Math.min(FIRST_PAUSE_SECONDS * 2 ** (attempts - 1), LONGEST_PAUSE_SECONDS);
}
