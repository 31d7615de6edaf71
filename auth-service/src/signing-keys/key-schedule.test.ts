import { expect, it } from 'vitest';
import { isRotationDue, PUBLISHED_AHEAD_MS, retiredKeysAt, signingKeyAt, waitingKeyAt } from './key-schedule.js';

const MINUTE = 60_000;
const DAY = 86_400_000;
const at = (ms: number) => new Date(ms);
const key = (kid: string, signsFrom: number) => ({ kid, signsFrom: at(signsFrom), createdAt: at(signsFrom - PUBLISHED_AHEAD_MS) });
const [old, next] = [key('old', 0), key('next', 30 * DAY)];

it('signs with the current key until the start of the next one', () => {
  expect(signingKeyAt([next, old], at(30 * DAY - 1))).toBe(old);
  expect(signingKeyAt([old, next], at(30 * DAY))).toBe(next);
  expect(waitingKeyAt([old, next], at(30 * DAY - 1))).toBe(next);
  expect(waitingKeyAt([old, next], at(30 * DAY))).toBeUndefined();
});

it('creates one next key, which signs when the current one has reached its maximum age', () => {
  expect(isRotationDue([old], at(30 * DAY - PUBLISHED_AHEAD_MS - 1), 30 * DAY)).toBe(false);
  expect(isRotationDue([old], at(30 * DAY - PUBLISHED_AHEAD_MS), 30 * DAY)).toBe(true);
  expect(isRotationDue([old, next], at(30 * DAY - 1), 30 * DAY)).toBe(false);
  expect(isRotationDue([old], at(9999 * DAY), null)).toBe(false);
});

it('keeps a key for the lifetime of the tokens that it signed', () => {
  expect(retiredKeysAt([old, next], at(30 * DAY + 15 * MINUTE), 15 * MINUTE)).toEqual([]);
  expect(retiredKeysAt([old, next], at(30 * DAY + 18 * MINUTE), 15 * MINUTE)).toEqual([old]);
  expect(retiredKeysAt([next], at(9999 * DAY), 15 * MINUTE)).toEqual([]);
});
