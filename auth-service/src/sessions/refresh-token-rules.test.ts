import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { newSecret } from '../secrets/one-time-secrets.js';
import { decideRefresh, type PresentedToken, type RefreshDecision, successorOf } from './refresh-token-rules.js';

const fresh: PresentedToken = { sessionRevoked: false, expired: false, spent: false, spentJustNow: false, successorUnused: false };
const spent: PresentedToken = { ...fresh, spent: true };

it.each<[string, PresentedToken, RefreshDecision]>([
  ['rotates a token presented for the first time', fresh, 'rotate'],
  ['refuses one that ran out', { ...fresh, expired: true }, 'refuse'],
  ['refuses one of a revoked session', { ...fresh, sessionRevoked: true }, 'refuse'],
  ['repeats the answer for one spent just now, its successor unused', { ...spent, spentJustNow: true, successorUnused: true }, 'repeat'],
  ['revokes when the successor was used, however recently', { ...spent, spentJustNow: true }, 'revoke'],
  ['revokes after the grace', { ...spent, successorUnused: true }, 'revoke'],
  ['revokes for a spent one that has run out since', { ...spent, expired: true }, 'revoke'],
  ['refuses a spent one of a session revoked already', { ...spent, sessionRevoked: true }, 'refuse'],
])('%s', (_, token, decision) => {
  expect(decideRefresh(token)).toBe(decision);
});

it('derives one successor of a token, which nobody can without the key', () => {
  const [token, key] = [newSecret(), randomBytes(32)];
  expect(successorOf(token, key)).toBe(successorOf(token, key));
  expect(successorOf(token, key)).toMatch(/^[\w-]{43}$/);
  expect(successorOf(token, randomBytes(32))).not.toBe(successorOf(token, key));
  expect(successorOf(newSecret(), key)).not.toBe(successorOf(token, key));
});
