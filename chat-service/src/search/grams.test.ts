import { expect, it } from 'vitest';
import { addGrams, idGram, queryGrams } from './grams.js';

function gramsOf(text: string): Set<number> {
  const grams = new Set<number>();
  addGrams(grams, text);
  return grams;
}

const ALPHABET = [...'ab天気ガ한กا👍🏽\u200D 1%'];
const someText = (length: number) => Array.from({ length }, () => ALPHABET[Math.floor(Math.random() * ALPHABET.length)]).join('');

it('a text has the grams of each of its parts', () => {
  for (let n = 0; n < 500; n++) {
    const characters = [...someText(40)];
    const from = Math.floor(Math.random() * 39);
    const query = characters.slice(from, from + 1 + Math.floor(Math.random() * 20)).join('');
    const grams = gramsOf(characters.join(''));
    expect(
      queryGrams(query).filter((gram) => !grams.has(gram)),
      query,
    ).toEqual([]);
  }
});

it('grams are values of the type int, and a query has from 1 to 12', () => {
  for (const query of ['a', '👍', 'ab', '天気', 'abc', '天気予', 'x'.repeat(100), someText(100)]) {
    const grams = queryGrams(query);
    expect(grams.length).toBeGreaterThanOrEqual(1);
    expect(grams.length).toBeLessThanOrEqual(12);
    for (const gram of [...grams, ...gramsOf(query)]) expect(gram).toBe(gram | 0);
  }
});

it('a text seldom has the grams of another one', () => {
  const grams = gramsOf('The quick brown fox jumps over the lazy dog');
  for (const query of ['quack', 'foxes', 'dogs', '犬', 'ze'])
    expect(
      queryGrams(query).every((gram) => grams.has(gram)),
      query,
    ).toBe(false);
});

it('the gram of an id is made of its last eight digits, as PostgreSQL does it', () => {
  expect(idGram('00000000-0000-0000-0000-0000ffffffff')).toBe(-1);
  expect(idGram('00000000-0000-0000-0000-00007fffffff')).toBe(2_147_483_647);
});
