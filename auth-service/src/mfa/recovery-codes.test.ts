import { expect, it } from 'vitest';
import { hashOfRecoveryCode, newRecoveryCode } from './recovery-codes.js';

it('makes codes of 120 bits in groups that can be read', () => {
  expect(newRecoveryCode()).toMatch(/^([A-Z2-7]{6}-){3}[A-Z2-7]{6}$/);
  expect(newRecoveryCode()).not.toBe(newRecoveryCode());
});

it('knows a code again however it is written', () => {
  const code = newRecoveryCode();
  expect(hashOfRecoveryCode(` ${code.toLowerCase().replaceAll('-', ' ')}`)).toEqual(hashOfRecoveryCode(code));
  expect(hashOfRecoveryCode(newRecoveryCode())).not.toEqual(hashOfRecoveryCode(code));
});

it.each(['', '123456', 'AAAAAA-AAAAAA-AAAAAA', 'A'.repeat(25)])('takes %o for none', (text) => {
  expect(hashOfRecoveryCode(text)).toBeNull();
});
