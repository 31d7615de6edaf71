import { expect, it } from 'vitest';
import { hashPassword, passwordMatches } from './password-hash.js';

const COST = 4;

it.each([
  ['differ only after 72 bytes', `${'p'.repeat(72)}A`, `${'p'.repeat(72)}B`],
  ['differ only after a NUL', 'correct\0horse', 'correct\0mouse'],
  ['are 64 emoji and differ in the last', '🔑'.repeat(64), `${'🔑'.repeat(63)}🔒`],
  ['differ in case', 'Correct horse', 'correct horse'],
])('distinguishes passwords that %s', async (_, password, other) => {
  const hash = await hashPassword(password, COST);
  expect(await passwordMatches(password, hash)).toBe(true);
  expect(await passwordMatches(other, hash)).toBe(false);
});

it('computes another hash of the same password each time', async () => {
  expect(await hashPassword('correct horse', COST)).not.toBe(await hashPassword('correct horse', COST));
});

it('an accent has the same hash, however it is written', async () => {
  expect(await passwordMatches('caf\u00e9', await hashPassword('cafe\u0301', COST))).toBe(true);
});
