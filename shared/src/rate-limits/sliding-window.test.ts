import { expect, it } from 'vitest';
import { SlidingWindow } from './sliding-window.js';

const SECONDS = 60;
const LIMIT = 20;

/** The times at which a client that tries at these times is granted a point. */
function grantedAt(attempts: number[]): number[] {
  const window = new SlidingWindow(SECONDS);
  return attempts.filter((now) => {
    if (window.msUntilRoom(1, LIMIT, now) > 0) return false;
    window.add(1, now);
    return true;
  });
}

const mostInOneWindow = (times: number[]) =>
  Math.max(...times.map((end) => times.filter((time) => time > end - SECONDS * 1000 && time <= end).length));

it('grants the limit at once, and not twice the limit around the end of a window', () => {
  const attempts = [0, ...Array.from({ length: 200 }, (_, n) => 58_000 + n * 20)];
  const times = grantedAt(attempts);
  expect(times.length).toBe(LIMIT);
  expect(mostInOneWindow(times)).toBe(LIMIT);
});

it('grants at no time more than the limit in one window, and the limit again in the long run', () => {
  let now = 0;
  let seed = 7;
  const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
  const times = grantedAt(Array.from({ length: 20_000 }, () => (now += random() * 500)));
  expect(mostInOneWindow(times)).toBe(LIMIT);
  expect(times.length).toBeGreaterThan(0.85 * LIMIT * (now / 1000 / SECONDS));
});

it('names the time at which there is room, and not a later one', () => {
  const window = new SlidingWindow(SECONDS);
  for (let n = 0; n < LIMIT; n++) window.add(1, n * 2000);
  const now = 40_000;
  for (const points of [1, 5, LIMIT]) {
    const waitMs = window.msUntilRoom(points, LIMIT, now);
    expect(waitMs).toBeGreaterThan(0);
    const copy = new SlidingWindow(SECONDS);
    for (let n = 0; n < LIMIT; n++) copy.add(1, n * 2000);
    expect(copy.msUntilRoom(points, LIMIT, now + waitMs - 1)).toBeGreaterThan(0);
    expect(copy.msUntilRoom(points, LIMIT, now + waitMs)).toBe(0);
  }
});

it('has no room for more points than the limit', () => {
  expect(new SlidingWindow(SECONDS).msUntilRoom(LIMIT + 1, LIMIT, 0)).toBeGreaterThanOrEqual(SECONDS * 1000);
});
