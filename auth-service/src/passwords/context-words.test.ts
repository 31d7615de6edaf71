import { expect, it } from 'vitest';
import { contextWords, isMadeOf } from './context-words.js';

const words = contextWords(
  { email: 'ada.lovelace@example.com', username: 'Countess' },
  { totpIssuer: 'Engine Talk', webAppUrl: 'https://talk.analytical.example' },
);

it.each([
  ['ada.lovelace@example.com'],
  ['Ada.Lovelace'],
  ['COUNTESS1815'],
  ['countess-countess'],
  ['!ada.lovelace!'],
  ['chat2026'],
  ['Chat-Backend'],
  ['chatadmin1'],
  ['Engine talk!'],
  ['analytical.1'],
])('%s consists of context words', (password) => expect(isMadeOf(words, password)).toBe(true));

it.each([['correct horse battery'], ['the countess plays cards'], ['chat is where I met her'], ['12345678'], ['xkcd-936-xkcd']])(
  '%s does not consist of context words',
  (password) => expect(isMadeOf(words, password)).toBe(false),
);

it('a name of one or two letters does not count as a word, a short user name repeated does', () => {
  const short = contextWords({ email: 'a@example.com', username: 'abc' }, { totpIssuer: 'Chat', webAppUrl: 'http://localhost:8080' });
  expect(isMadeOf(short, 'anagram-a')).toBe(false);
  expect(isMadeOf(short, 'abcabcabc')).toBe(true);
});
