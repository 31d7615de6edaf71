import type { Presence, PresenceStatus } from '@chat/shared/contracts';

/** Whether somebody is there, as far as the last look knew. */
export interface Stay {
  chosenStatus: PresenceStatus;
  present: boolean;
  leftAt: Date | null;
  lastSeenAt: Date | null;
}

export interface Look {
  present: boolean;
  leftAt: Date | null;
  lastSeenAt: Date | null;
  /** When time alone may change the answer; null: never. */
  nextLookMs: number | null;
}

/**
 * Is this person there? Yes while any lease lives, and until the grace after it has passed, so that a short cut is no change.
 * @param leaseEndMs when the longest lease ends or ended; null when there is none (any more).
 */
export function lookAt(stay: Stay, leaseEndMs: number | null, nowMs: number, graceMs: number): Look {
  if (leaseEndMs !== null && leaseEndMs > nowMs)
    return { present: true, leftAt: null, lastSeenAt: stay.lastSeenAt, nextLookMs: leaseEndMs + graceMs };

  const leftAtMs = endOfStay(stay, leaseEndMs, nowMs);
  if (leftAtMs === null) return { present: false, leftAt: null, lastSeenAt: stay.lastSeenAt, nextLookMs: null };
  if (leftAtMs + graceMs > nowMs)
    return { present: true, leftAt: new Date(leftAtMs), lastSeenAt: stay.lastSeenAt, nextLookMs: leftAtMs + graceMs };
  return { present: false, leftAt: null, lastSeenAt: seenUntil(stay, leftAtMs), nextLookMs: null };
}

/** The person says goodbye: with no lease left there is nothing to wait for. */
export function leave(stay: Stay, nowMs: number): Look {
  const lastSeenAt = stay.present ? seenUntil(stay, nowMs) : stay.lastSeenAt;
  return { present: false, leftAt: null, lastSeenAt, nextLookMs: null };
}

/** What others see, leaving aside who may see it. */
export function visiblePresence(userId: string, chosenStatus: PresenceStatus, look: Pick<Look, 'present' | 'lastSeenAt'>): Presence {
  return { userId, status: look.present ? chosenStatus : 'OFFLINE', lastSeenAt: look.lastSeenAt?.toISOString() ?? null };
}

/** The same answer for who is hidden and for who does not exist. */
export function hiddenPresence(userId: string): Presence {
  return { userId, status: 'OFFLINE', lastSeenAt: null };
}

/** A lease tells by itself when it ran out or was released. With all of them forgotten (Redis lost its data) the stay ended just now, for all we know. */
function endOfStay(stay: Stay, leaseEndMs: number | null, nowMs: number): number | null {
  const known = [leaseEndMs, stay.leftAt?.getTime() ?? null].filter((ms) => ms !== null);
  if (known.length > 0) return Math.max(...known);
  return stay.present ? nowMs : null;
}

/** Who chose OFFLINE was not seen: last seen stays as it was. */
function seenUntil(stay: Stay, leftAtMs: number): Date | null {
  if (stay.chosenStatus === 'OFFLINE') return stay.lastSeenAt;
  return new Date(Math.max(leftAtMs, stay.lastSeenAt?.getTime() ?? 0));
}
