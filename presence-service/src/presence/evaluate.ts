import type { Presence, PresenceStatus } from '@chat/shared/contracts';

/** The presence of a user, as the last evaluation stored it. */
export interface PresenceState {
  chosenStatus: PresenceStatus;
  present: boolean;
  leftAt: Date | null;
  lastSeenAt: Date | null;
}

export interface Evaluation {
  present: boolean;
  leftAt: Date | null;
  lastSeenAt: Date | null;
  /** The time (ms) at which the result may change without any event; null: it will not. */
  nextCheckMs: number | null;
}

/**
 * A user is present while any lease is valid, and until the grace period after the last one has passed, so that a reconnect is no change.
 * @param leaseEndMs the end of the longest lease, in the future or in the past; null if there is no lease.
 */
export function evaluatePresence(state: PresenceState, leaseEndMs: number | null, nowMs: number, graceMs: number): Evaluation {
  const { lastSeenAt } = state;
  if (leaseEndMs !== null && leaseEndMs > nowMs) return { present: true, leftAt: null, lastSeenAt, nextCheckMs: leaseEndMs + graceMs };

  const leftAtMs = endOfPresence(state, leaseEndMs, nowMs);
  if (leftAtMs === null) return { present: false, leftAt: null, lastSeenAt, nextCheckMs: null };
  const graceEndMs = leftAtMs + graceMs;
  if (graceEndMs > nowMs) return { present: true, leftAt: new Date(leftAtMs), lastSeenAt, nextCheckMs: graceEndMs };
  return { present: false, leftAt: null, lastSeenAt: lastSeenAfter(state, leftAtMs), nextCheckMs: null };
}

/** The user signs off: without a lease the presence ends at once, without a grace period. */
export function evaluateSignOff(state: PresenceState, nowMs: number): Evaluation {
  const lastSeenAt = state.present ? lastSeenAfter(state, nowMs) : state.lastSeenAt;
  return { present: false, leftAt: null, lastSeenAt, nextCheckMs: null };
}

/** The presence that other users see, unless it is hidden from them. */
export function visiblePresence(
  userId: string,
  chosenStatus: PresenceStatus,
  evaluation: Pick<Evaluation, 'present' | 'lastSeenAt'>,
): Presence {
  const { present, lastSeenAt } = evaluation;
  return { userId, status: present ? chosenStatus : 'OFFLINE', lastSeenAt: lastSeenAt?.toISOString() ?? null };
}

/** The same answer for a hidden user and for one that does not exist. */
export function hiddenPresence(userId: string): Presence {
  return { userId, status: 'OFFLINE', lastSeenAt: null };
}

/** A lease contains the time at which it expired or was released. If all leases are lost, because Redis lost its data, the end is now. */
function endOfPresence(state: PresenceState, leaseEndMs: number | null, nowMs: number): number | null {
  const known = [leaseEndMs, state.leftAt?.getTime() ?? null].filter((ms) => ms !== null);
  if (known.length > 0) return Math.max(...known);
  return state.present ? nowMs : null;
}

/** A user that chose OFFLINE was not visible: last seen does not change. */
function lastSeenAfter(state: PresenceState, leftAtMs: number): Date | null {
  if (state.chosenStatus === 'OFFLINE') return state.lastSeenAt;
  return new Date(Math.max(leftAtMs, state.lastSeenAt?.getTime() ?? 0));
}
