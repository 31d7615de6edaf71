import { describe, expect, it } from 'vitest';
import { leave, lookAt, visiblePresence, type Stay } from './presence-rules.js';

const GRACE = 10_000;
const NOW = Date.parse('2026-01-01T12:00:00Z');
const earlier = new Date(NOW - 86_400_000);
const away: Stay = { chosenStatus: 'ONLINE', present: false, leftAt: null, lastSeenAt: null };
const there: Stay = { ...away, present: true };

describe('a look', () => {
  it('finds nobody where no lease ever was', () =>
    expect(lookAt(away, null, NOW, GRACE)).toEqual({ present: false, leftAt: null, lastSeenAt: null, nextLookMs: null }));

  it('finds who has a living lease, and looks again when its grace is over', () =>
    expect(lookAt(away, NOW + 30_000, NOW, GRACE)).toEqual({ present: true, leftAt: null, lastSeenAt: null, nextLookMs: NOW + 40_000 }));

  it('goes on seeing a person for the grace after the last lease is gone', () => {
    const released = lookAt(there, null, NOW, GRACE);
    expect(released).toEqual({ present: true, leftAt: new Date(NOW), lastSeenAt: null, nextLookMs: NOW + GRACE });
    expect(lookAt({ ...there, ...released }, null, NOW + GRACE - 1, GRACE).present).toBe(true);
    expect(lookAt({ ...there, ...released }, null, NOW + GRACE, GRACE)).toEqual({
      present: false,
      leftAt: null,
      lastSeenAt: new Date(NOW),
      nextLookMs: null,
    });
  });

  it('takes a reconnect within the grace as no change', () =>
    expect(lookAt({ ...there, leftAt: new Date(NOW - 5_000) }, NOW + 30_000, NOW, GRACE)).toMatchObject({ present: true, leftAt: null }));

  it('counts the grace from when the lease ran out or was released, not from when it was noticed', () => {
    expect(lookAt(there, NOW - 4_000, NOW, GRACE)).toMatchObject({ present: true, nextLookMs: NOW + 6_000 });
    expect(lookAt(there, NOW - 60_000, NOW, GRACE)).toMatchObject({ present: false, lastSeenAt: new Date(NOW - 60_000) });
  });

  it('finds out about a stay that nobody looked at while it lasted', () =>
    expect(lookAt(away, NOW - 60_000, NOW, GRACE)).toMatchObject({ present: false, lastSeenAt: new Date(NOW - 60_000) }));

  it('leaves last seen as it was for who chose not to be seen', () => {
    const hidden: Stay = { ...there, chosenStatus: 'OFFLINE', lastSeenAt: earlier };
    expect(lookAt(hidden, NOW - 60_000, NOW, GRACE).lastSeenAt).toEqual(earlier);
    expect(leave(hidden, NOW).lastSeenAt).toEqual(earlier);
  });

  it('never moves last seen back', () => {
    const seenLater: Stay = { ...away, lastSeenAt: new Date(NOW - 1_000) };
    expect(lookAt(seenLater, NOW - 60_000, NOW, GRACE).lastSeenAt).toEqual(new Date(NOW - 1_000));
  });
});

it('ends a stay at once when the person says goodbye', () =>
  expect(leave(there, NOW)).toEqual({ present: false, leftAt: null, lastSeenAt: new Date(NOW), nextLookMs: null }));

it('shows the chosen status while present, OFFLINE otherwise', () => {
  expect(visiblePresence('u', 'BUSY', { present: true, lastSeenAt: null }).status).toBe('BUSY');
  expect(visiblePresence('u', 'BUSY', { present: false, lastSeenAt: earlier })).toEqual({
    userId: 'u',
    status: 'OFFLINE',
    lastSeenAt: earlier.toISOString(),
  });
});
