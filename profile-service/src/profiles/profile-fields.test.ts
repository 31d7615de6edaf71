import { expect, it } from 'vitest';
import { isBirthDate, isPhoneNumber, isWebsite } from './profile-fields.js';

it.each(['https://ada.example', 'http://ada.example:8080/a?b=c#d', 'https://münchen.example/ä', `https://a.example/${'x'.repeat(182)}`])(
  'accepts %j as a website',
  (website) => expect(isWebsite(website)).toBe(true),
);

it.each([
  'ada.example',
  'javascript:alert(1)',
  'data:text/html,x',
  'ftp://ada.example',
  'https://',
  'https:// ada.example',
  ' https://ada.example',
  'https://ada.example\n',
  'https:\\\\ada.example',
  'https://bank.example@evil.example',
  'https://ada.example/\u0000',
  'https://ada.example/\ud800',
  `https://a.example/${'x'.repeat(183)}`,
  42,
])('rejects %j as a website', (website) => expect(isWebsite(website)).toBe(false));

it.each(['1990-02-28', '2000-02-29', '1815-12-10'])('accepts %j as a birth date', (date) => expect(isBirthDate(date)).toBe(true));

it.each(['1990-02-30', '1900-02-29', '1990-13-01', '1990-1-1', '19900101', '0000-01-01', '1990-02-28T00:00:00Z', 'yesterday', 19900101])(
  'rejects %j as a birth date',
  (date) => expect(isBirthDate(date)).toBe(false),
);

it('accepts today as a birth date in every time zone, but no later day', () => {
  const now = new Date('2026-03-01T11:00:00Z');
  expect(isBirthDate('2026-03-02', now)).toBe(true);
  expect(isBirthDate('2026-03-03', now)).toBe(false);
});

it.each(['+44 20 7946 0000', '(020) 7946-0000', '112', '030/123456'])('accepts %j as a phone number', (number) =>
  expect(isPhoneNumber(number)).toBe(true),
);

it.each(['12', '+', 'call me', '+44 20 7946 0000 ext 5', '1'.repeat(33), '１２３', 112])('rejects %j as a phone number', (number) =>
  expect(isPhoneNumber(number)).toBe(false),
);
