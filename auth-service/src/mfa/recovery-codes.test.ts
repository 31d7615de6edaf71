import { expect, it } from 'vitest';
import { hashOfRecoveryCode, newRecoveryCode } from './recovery-codes.js';

it('generates codes of 120 bits in readable groups', () => {
  expect(newRecoveryCode()).toMatch(/^([A-Z2-7]{6}-){3}[A-Z2-7]{6}$/);
  expect(newRecoveryCode()).not.toBe(newRecoveryCode());
});

it('recognises a code however it is spelled', () => {
  const code = newRecoveryCode();
  expect(hashOfRecoveryCode(` ${code.toLowerCase().replaceAll('-', ' ')}`)).toEqual(hashOfRecoveryCode(code));
  expect(hashOfRecoveryCode(newRecoveryCode())).not.toEqual(hashOfRecoveryCode(code));
});

it.each(['', '123456', 'AAAAAA-AAAAAA-AAAAAA', 'A'.repeat(25)])('%o cannot be a recovery code', (text) => {
  expect(hashOfRecoveryCode(text)).toBeNull();
});
