/*
 * What the index of blocks contains: hashes of the runs of one, two and three characters of a text. A text that contains another one has all of
 * its runs, so the index never misses a message; a hash that two runs share only costs the reading of a block for nothing.
 */

/** The number of the rule of the grams, and of `searchText`, of which they are made. Increase it with every change of them: all messages are then indexed again. */
export const SEARCH_RULE = 1;

/** From here on there are thousands of characters to choose from (CJK, Hangul, emoji), so that two of them are as rare as three letters. */
const FIRST_OF_LARGE_SCRIPTS = 0x2e80;
/** The query plan does not get better with more of them. */
const MAX_QUERY_GRAMS = 12;

const gramOfTwo = (first: number, second: number) => hash(first, second, 1);
const gramOfThree = (pair: number, third: number) => hash(pair, third, 2);
const isThreeOfLargeScripts = (a: number, b: number, c: number) => Math.min(a, b, c) >= FIRST_OF_LARGE_SCRIPTS;

/** Adds the grams of a text to a set. Characters are code points. */
export function addGrams(grams: Set<number>, text: string): void {
  let [first, second, pair] = [-1, -1, 0];
  for (let i = 0; i < text.length; i++) {
    const third = text.codePointAt(i)!;
    if (third > 0xffff) i++;
    grams.add(third);
    if (first !== -1 && !isThreeOfLargeScripts(first, second, third)) grams.add(gramOfThree(pair, third));
    if (second !== -1) grams.add((pair = gramOfTwo(second, third)));
    first = second;
    second = third;
  }
}

/** Grams that every text with this one in it has; at least one, at most twelve. */
export function queryGrams(query: string): number[] {
  const points = Array.from(query, (character) => character.codePointAt(0)!);
  if (points.length === 1) return points;
  const grams = new Set<number>();
  for (let i = 2; i < points.length; i++) {
    const [first, second, third] = [points[i - 2]!, points[i - 1]!, points[i]!];
    const pair = gramOfTwo(first, second);
    if (isThreeOfLargeScripts(first, second, third)) grams.add(pair).add(gramOfTwo(second, third));
    else grams.add(gramOfThree(pair, third));
  }
  if (points.length === 2) grams.add(gramOfTwo(points[0]!, points[1]!));
  const all = [...grams];
  const step = Math.max(1, all.length / MAX_QUERY_GRAMS);
  return Array.from({ length: Math.min(all.length, MAX_QUERY_GRAMS) }, (_, n) => all[Math.floor(n * step)]!);
}

/** The gram by which a block is found that has messages of a conversation or of a sender; search_messages.sql makes it, too. */
export function idGram(id: string): number {
  return Number.parseInt(id.slice(-8), 16) | 0;
}

/** MurmurHash3 of two numbers, as PostgreSQL's `int`. */
function hash(one: number, other: number, seed: number): number {
  return mixed(mix(mix(seed, one), other));
}

function mix(state: number, value: number): number {
  let k = Math.imul(value, 0xcc9e2d51);
  k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
  const h = state ^ k;
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}

function mixed(state: number): number {
  let h = state ^ (state >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
