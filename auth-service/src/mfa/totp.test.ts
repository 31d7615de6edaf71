import { expect, it } from 'vitest';
import { codeOfStep, newTotpSecret, otpauthUrlOf, stepAt, stepOfCode, toBase32 } from './totp.js';

const secret = Buffer.from('12345678901234567890');
const timeMs = 1_700_000_000_000;
const now = stepAt(timeMs);
const step = (code: string, lastUsedStep = 0, toleratedSteps = 1) => stepOfCode(secret, code, { timeMs, lastUsedStep, toleratedSteps });

// RFC 6238, appendix B; six digits are the last six of its eight.
it.each([
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
])('computes the code of the RFC at second %i', (seconds, code) => {
  expect(codeOfStep(secret, stepAt(seconds * 1000))).toBe(code);
});

// RFC 4648, section 10.
it.each([
  ['', ''],
  ['f', 'MY'],
  ['fo', 'MZXQ'],
  ['foo', 'MZXW6'],
  ['foob', 'MZXW6YQ'],
  ['fooba', 'MZXW6YTB'],
  ['foobar', 'MZXW6YTBOI'],
])('encodes %o in base 32', (text, expected) => {
  expect(toBase32(Buffer.from(text))).toBe(expected);
});

it('accepts the codes of one step before and after, and no others', () => {
  const taken = [-3, -2, -1, 0, 1, 2, 3].map((away) => step(codeOfStep(secret, now + away)));
  expect(taken).toEqual([null, null, now - 1, now, now + 1, null, null]);
});

it('accepts only the code of the current step if no other is tolerated', () => {
  const taken = [-1, 0, 1].map((away) => step(codeOfStep(secret, now + away), 0, 0));
  expect(taken).toEqual([null, now, null]);
});

it('rejects the code of a used step and of older ones', () => {
  expect(step(codeOfStep(secret, now), now)).toBeNull();
  expect(step(codeOfStep(secret, now - 1), now)).toBeNull();
  expect(step(codeOfStep(secret, now + 1), now)).toBe(now + 1);
});

it.each(['', '000000', codeOfStep(secret, now).slice(1), `${codeOfStep(secret, now)}0`, '१२३४५६', 'NaN'])('rejects %o', (code) => {
  expect(step(code)).toBeNull();
});

it('the otpauth URL contains the secret and its account', () => {
  const url = new URL(otpauthUrlOf(secret, { issuer: 'Our Chat', account: 'ada+x@example.test' }));
  expect(url.protocol + url.host + url.pathname).toBe('otpauth:totp/Our%20Chat:ada%2Bx%40example.test');
  expect(Object.fromEntries(url.searchParams)).toEqual({
    secret: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ',
    issuer: 'Our Chat',
    algorithm: 'SHA1',
    digits: '6',
    period: '30',
  });
});

it('generates another secret of 160 bits each time', () => {
  expect(newTotpSecret()).toHaveLength(20);
  expect(newTotpSecret()).not.toEqual(newTotpSecret());
});
