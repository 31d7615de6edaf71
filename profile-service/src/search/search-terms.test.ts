import { describe, expect, it } from 'vitest';
import { type SearchedNames, searchPrefix, searchTerms } from './search-terms.js';

const names = (username: string, firstName: string | null = null, lastName: string | null = null) => ({ username, firstName, lastName });
/** The lowest rank by which the query finds the user. */
const rankOf = (user: SearchedNames, query: string) =>
  searchTerms(user)
    .filter(({ term }) => term.startsWith(searchPrefix(query)))
    .map(({ rank }) => rank)
    .sort()[0];

describe('the terms of a user', () => {
  it('are the user name, and the names in both orders, without those that begin another one', () => {
    expect(searchTerms(names('ada.l', 'Ada', 'Lovelace'))).toEqual([
      { rank: 0, term: 'ada.l' },
      { rank: 0, term: 'ada lovelace' },
      { rank: 0, term: 'lovelace ada' },
    ]);
    expect(searchTerms(names('ada', 'Ada'))).toEqual([{ rank: 0, term: 'ada' }]);
    expect(searchTerms(names('ada'))).toEqual([{ rank: 0, term: 'ada' }]);
  });

  it.each([
    ['the user name', names('ada.l', 'Grace', 'Hopper'), 'ADA', 0],
    ['the first name', names('x01', 'Zoë', 'Müller'), 'zoe', 0],
    ['the last name', names('x01', 'Zoë', 'Müller'), 'MULL', 0],
    ['the full name', names('x01', 'Zoë', 'Müller'), ' zoë  mü ', 0],
    ['the last name first', names('x01', 'Zoë', 'Müller'), 'müller zoë', 0],
    ['a later word of a name', names('x01', 'Anna Maria', 'de la Cruz'), 'cruz', 1],
    ['a later word and the next ones', names('x01', 'Anna Maria', 'de la Cruz'), 'maria de', 1],
    ['the second part of a double name', names('x01', 'Jean-Luc'), 'luc', 1],
    ['a later word of the user name', names('ada_lovelace'), 'love', 1],
    ['a Chinese full name without a space', names('x01', '小明', '王'), '王小', 0],
    ['a Chinese first name', names('x01', '小明', '王'), '小明', 0],
    ['a character within a Chinese name', names('x01', '王小明'), '明', 1],
    ['a Korean name', names('x01', '철수', '김'), '김철', 0],
    ['kana of half width', names('x01', 'タナカ'), 'ﾀﾅ', 0],
    ['an Arabic name without its vowel points', names('x01', 'مُحَمَّد'), 'محم', 0],
    ['a Cyrillic name', names('x01', 'Пётр'), 'петр', 0],
    ['a Greek name', names('x01', 'Οδυσσέας'), 'ΟΔΥΣΣ', 0],
    ['a Devanagari name', names('x01', 'रीता'), 'री', 0],
    ['a Thai name', names('x01', 'สมชาย'), 'สม', 0],
    ['an emoji', names('x01', 'Ada 🚀'), '🚀', 1],
    ['one character', names('x01', 'Ada'), 'a', 0],
    ['wildcards as they are', names('x01', '100%_\\'), '100%_\\', 0],
  ])('begin with %s', (_, user, query, rank) => expect(rankOf(user, query)).toBe(rank));

  it.each([
    ['the middle of a word', names('adalovelace'), 'love'],
    ['a wildcard', names('ada', 'Ada'), 'a%'],
    ['another wildcard', names('ada', 'Ada'), 'a_a'],
    ['the half of a Hangul syllable', names('x01', '한'), '하'],
  ])('do not begin with %s', (_, user, query) => expect(rankOf(user, query)).toBeUndefined());

  it('are short and few, whatever the names are', () => {
    for (const text of ['ﷺ'.repeat(100), '😀'.repeat(100), 'a '.repeat(50), '王'.repeat(100)]) {
      const terms = searchTerms(names('x01', text, text));
      expect(terms.length).toBeLessThanOrEqual(28);
      for (const { term } of terms) {
        expect(term.isWellFormed()).toBe(true);
        expect(Buffer.byteLength(term)).toBeLessThanOrEqual(300);
      }
      expect(rankOf(names('x01', text, text), text)).toBe(0);
    }
  });
});
