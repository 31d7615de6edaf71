import { describe, expect, it } from 'vitest';
import { evaluateSignOff, evaluatePresence, visiblePresence, type PresenceState } from './evaluate.js';

const GRACE = 10_000;
const NOW = Date.parse('2026-01-01T12:00:00Z');
const earlier = new Date(NOW - 86_400_000);
const absent: PresenceState = { chosenStatus: 'ONLINE', present: false, leftAt: null, lastSeenAt: null };
const present: PresenceState = { ...absent, present: true };

describe('evaluatePresence', () => {
  it('a user without a lease is absent', () =>
    expect(evaluatePresence(absent, null, NOW, GRACE)).toEqual({ present: false, leftAt: null, lastSeenAt: null, nextCheckMs: null }));

  it('a user with a valid lease is present, and is checked again after its grace period', () =>
    expect(evaluatePresence(absent, NOW + 30_000, NOW, GRACE)).toEqual({
      present: true,
      leftAt: null,
      lastSeenAt: null,
      nextCheckMs: NOW + 40_000,
    }));

  it('a user stays present for the grace period after the last lease was removed', () => {
    const released = evaluatePresence(present, null, NOW, GRACE);
    expect(released).toEqual({ present: true, leftAt: new Date(NOW), lastSeenAt: null, nextCheckMs: NOW + GRACE });
    expect(evaluatePresence({ ...present, ...released }, null, NOW + GRACE - 1, GRACE).present).toBe(true);
    expect(evaluatePresence({ ...present, ...released }, null, NOW + GRACE, GRACE)).toEqual({
      present: false,
      leftAt: null,
      lastSeenAt: new Date(NOW),
      nextCheckMs: null,
    });
  });

  it('a reconnect within the grace period is no change', () =>
    expect(evaluatePresence({ ...present, leftAt: new Date(NOW - 5_000) }, NOW + 30_000, NOW, GRACE)).toMatchObject({
      present: true,
      leftAt: null,
    }));

  it('the grace period starts when the lease expired or was released, not when this is noticed', () => {
    expect(evaluatePresence(present, NOW - 4_000, NOW, GRACE)).toMatchObject({ present: true, nextCheckMs: NOW + 6_000 });
    expect(evaluatePresence(present, NOW - 60_000, NOW, GRACE)).toMatchObject({ present: false, lastSeenAt: new Date(NOW - 60_000) });
  });

  it('a presence that ended before the first evaluation sets last seen', () =>
    expect(evaluatePresence(absent, NOW - 60_000, NOW, GRACE)).toMatchObject({ present: false, lastSeenAt: new Date(NOW - 60_000) }));

  it('last seen does not change for a user that chose OFFLINE', () => {
    const hidden: PresenceState = { ...present, chosenStatus: 'OFFLINE', lastSeenAt: earlier };
    expect(evaluatePresence(hidden, NOW - 60_000, NOW, GRACE).lastSeenAt).toEqual(earlier);
    expect(evaluateSignOff(hidden, NOW).lastSeenAt).toEqual(earlier);
  });

  it('last seen never moves back', () => {
    const seenLater: PresenceState = { ...absent, lastSeenAt: new Date(NOW - 1_000) };
    expect(evaluatePresence(seenLater, NOW - 60_000, NOW, GRACE).lastSeenAt).toEqual(new Date(NOW - 1_000));
  });
});

it('a user that signs off is absent at once', () =>
  expect(evaluateSignOff(present, NOW)).toEqual({ present: false, leftAt: null, lastSeenAt: new Date(NOW), nextCheckMs: null }));

it('the chosen status is visible while the user is present, OFFLINE otherwise', () => {
  expect(visiblePresence('u', 'BUSY', { present: true, lastSeenAt: null }).status).toBe('BUSY');
  expect(visiblePresence('u', 'BUSY', { present: false, lastSeenAt: earlier })).toEqual({
    userId: 'u',
    status: 'OFFLINE',
    lastSeenAt: earlier.toISOString(),
  });
});
