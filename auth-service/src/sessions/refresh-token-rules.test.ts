import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { newSecret } from '../secrets/one-time-secrets.js';
import { decideRefresh, type PresentedToken, type RefreshDecision, successorOf } from './refresh-token-rules.js';

const fresh: PresentedToken = { sessionRevoked: false, expired: false, spent: false, spentJustNow: false, successorUnused: false };
const spent: PresentedToken = { ...fresh, spent: true };

it.each<[string, PresentedToken, RefreshDecision]>([
  ['rotates a token presented for the first time', fresh, 'rotate'],
  ['refuses an expired token', { ...fresh, expired: true }, 'refuse'],
  ['refuses a token of a revoked session', { ...fresh, sessionRevoked: true }, 'refuse'],
  [
    'repeats the response for a token used just now whose successor is unused',
    { ...spent, spentJustNow: true, successorUnused: true },
    'repeat',
  ],
  ['revokes when the successor was used, however recently', { ...spent, spentJustNow: true }, 'revoke'],
  ['revokes after the grace period', { ...spent, successorUnused: true }, 'revoke'],
  ['revokes for a used token that has expired since', { ...spent, expired: true }, 'revoke'],
  ['refuses a used token of a session that is revoked already', { ...spent, sessionRevoked: true }, 'refuse'],
])('%s', (_, token, decision) => {
  expect(decideRefresh(token)).toBe(decision);
});

it('derives one successor of a token, which cannot be derived without the key', () => {
  const [token, key] = [newSecret(), randomBytes(32)];
  expect(successorOf(token, key)).toBe(successorOf(token, key));
  expect(successorOf(token, key)).toMatch(/^[\w-]{43}$/);
  expect(successorOf(token, randomBytes(32))).not.toBe(successorOf(token, key));
  expect(successorOf(newSecret(), key)).not.toBe(successorOf(token, key));
});
