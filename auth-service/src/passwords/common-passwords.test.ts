import { expect, it } from 'vitest';
import { isEasilyGuessed } from './common-passwords.js';

const ADA = { email: 'ada.lovelace@example.com', username: 'ada-lovelace' };

it.each([['12345678'], ['password'], ['Password1'], ['IloveYou'], ['qwertyuiop'], ['1qaz2wsx'], ['P@ssw0rd'], ['pa$$w0rd']])(
  'refuses the common %s',
  (password) => expect(isEasilyGuessed(password, ADA)).toBe(true),
);

it.each([['ada.lovelace@example.com'], ['Ada.Lovelace'], ['ADA-LOVELACE']])('refuses %s, which everybody knows of her', (password) =>
  expect(isEasilyGuessed(password, ADA)).toBe(true),
);

it.each([['correct horse battery'], ['password of my own'], [' 12345678'], ['🔑🔑🔑🔑🔑🔑🔑🔑']])('takes %s', (password) =>
  expect(isEasilyGuessed(password, ADA)).toBe(false),
);
