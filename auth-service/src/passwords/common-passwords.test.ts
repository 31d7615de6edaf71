import { expect, it } from 'vitest';
import { isCommon } from './common-passwords.js';

it.each([['12345678'], ['password'], ['Password1'], ['IloveYou'], ['qwertyuiop'], ['1qaz2wsx'], ['P@ssw0rd'], ['pa$$w0rd']])(
  '%s is common',
  (password) => expect(isCommon(password)).toBe(true),
);

it.each([['correct horse battery'], ['password of my own'], [' 12345678'], ['🔑🔑🔑🔑🔑🔑🔑🔑']])('%s is not common', (password) =>
  expect(isCommon(password)).toBe(false),
);
