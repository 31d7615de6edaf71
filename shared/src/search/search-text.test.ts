import { describe, expect, it } from 'vitest';
import { isSearchable, searchText } from './search-text.js';

const contains = (text: string, query: string) => searchText(text).includes(searchText(query));

describe('the text of a search', () => {
  it.each([
    ['case', 'HELLO World', 'hello wORLD'],
    ['accents of Latin letters', 'Crème Brûlée, Ñandú, Åse', 'creme brulee, nandu, ase'],
    ['accents that are written apart', 'Cre\u0300me', 'Crème'],
    ['accents of Greek and Cyrillic letters', 'Ἀθῆναι Ёлка', 'Αθηναι елка'],
    ['full case folding', 'Straße STRASSE', 'STRASSE straße'],
    ['the capital sharp s', 'GROẞ', 'gross'],
    ['the three sigmas', 'ΟΔΥΣΣΕΥΣ', 'οδυσσευς'],
    ['the four forms of i', 'İıIi', 'iiii'],
    ['full and half width', 'ＡＢＣ　ｶﾞｷﾞｸﾞ １２３', 'abc ガギグ 123'],
    ['ligatures', 'ﬁnal ﬂow', 'final flow'],
    ['Hangul that is written as letters', '한국', '한국'],
    ['vowel points of Arabic and Hebrew', 'مَرْحَبًا שָׁלוֹם', 'مرحبا שלום'],
    ['the Arabic tatweel', 'مـــرحبا', 'مرحبا'],
    ['soft hyphens and variation selectors', 'Zeit\u00ADgeist ❤\uFE0F', 'zeitgeist ❤'],
  ])('is the same whatever the %s', (_, one, other) => {
    expect(searchText(one)).toBe(searchText(other));
  });

  it.each([
    ['kana with and without dakuten', 'がき', 'か'],
    ['half of a Hangul syllable', '한국', '하'],
    ['Thai without its vowel', 'กิน', 'กน'],
    ['Thai without its tone', 'ก้า', 'กา'],
    ['Devanagari with another vowel', 'की', 'कि'],
    ['Arabic letters with and without hamza', 'أحمد', 'احمد'],
    ['wildcards', '100 per cent', '1%t'],
  ])('keeps apart %s', (_, text, query) => {
    expect(contains(text, query)).toBe(false);
  });

  it('finds a character in the middle of any script', () => {
    for (const [text, query] of [
      ['今天天气很好', '天气'],
      ['東京タワーへ行く', 'タワー'],
      ['오늘 날씨가 좋다', '날씨'],
      ['สวัสดีครับ', 'ดีค'],
      ['السلام عليكم', 'لام'],
      ['family 👨‍👩‍👧 photo', '👩‍👧'],
      ['a_b%c\\d', '_b%c\\'],
    ] as const)
      expect(contains(text, query), text).toBe(true);
  });

  it('is idempotent, for every assigned character', () => {
    const characters = Array.from({ length: 0x32000 }, (_, point) => String.fromCodePoint(point)).filter((one) => one.isWellFormed());
    expect(characters.filter((one) => searchText(searchText(one)) !== searchText(one))).toEqual([]);
  });

  it('reads only the first marks of a character, as normalisation takes quadratic time of them', () => {
    const marks = '\u0315\u0300'.repeat(4000);
    expect(searchText(`か${marks}`).length).toBeLessThan(40);
    expect(searchText(`e${marks}x`)).toBe('ex');
  });

  it('has something to find only if it is visible', () => {
    for (const query of [' ', '\u3000\n', '\u200B', '\u00AD', '\uFE0F', '\u2060\u200D'])
      expect(isSearchable(searchText(query))).toBe(false);
    for (const query of ['a', '.', '%', '天', '👍', ' x ']) expect(isSearchable(searchText(query))).toBe(true);
  });
});
