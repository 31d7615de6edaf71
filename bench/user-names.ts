/** Names of bench/user-search.ts: pseudo-random, the same in every run. */
import { randomNumbers } from './search-data.ts';

const ONSETS = 'b c ch d f g h j k l m n p r s st t tr v w z'.split(' ');
const VOWELS = 'a e i o u ai ia ö é'.split(' ');
const CYRILLIC = 'а в д е и к л м н о п р с т у'.split(' ');
/** A name of rank r comes with a probability of about 1/r. */
const FIRST_NAMES = 5_000;
const LAST_NAMES = 60_000;
const CJK_LAST_NAMES = 300;
const CJK_CHARACTERS = 3_000;

export interface GeneratedNames {
  username: string;
  firstName: string;
  lastName: string;
}

/** Six of ten users have Latin names, three Chinese and one Cyrillic ones. */
export class NameGenerator {
  readonly #random: () => number;
  readonly #first: string[];
  readonly #last: string[];
  readonly #cyrillic: string[];

  constructor(seed: number) {
    this.#random = randomNumbers(seed);
    this.#first = Array.from({ length: FIRST_NAMES }, () => this.#latin(2));
    this.#last = Array.from({ length: LAST_NAMES }, () => this.#latin(3));
    this.#cyrillic = Array.from({ length: LAST_NAMES }, () => this.#capital(Array.from({ length: 6 }, () => this.#of(CYRILLIC)).join('')));
  }

  next(index: number): GeneratedNames {
    const username = `${this.#latin(2).toLowerCase().normalize('NFD').replace(/\p{M}/gu, '')}${index}`;
    const kind = index % 10;
    if (kind < 6) return { username, firstName: this.#frequent(this.#first), lastName: this.#frequent(this.#last) };
    if (kind < 9)
      return { username, firstName: this.#cjk(CJK_CHARACTERS) + this.#cjk(CJK_CHARACTERS), lastName: this.#cjk(CJK_LAST_NAMES) };
    return { username, firstName: this.#frequent(this.#cyrillic), lastName: this.#frequent(this.#cyrillic) };
  }

  /** A number from 0 to below `end`. */
  int(end: number): number {
    return Math.floor(this.#random() * end);
  }

  #latin(syllables: number): string {
    return this.#capital(Array.from({ length: syllables }, () => this.#of(ONSETS) + this.#of(VOWELS)).join(''));
  }

  #capital(text: string): string {
    return text.charAt(0).toUpperCase() + text.slice(1);
  }

  #cjk(characters: number): string {
    return String.fromCodePoint(0x4e00 + Math.floor(characters * this.#random() ** 2));
  }

  #of<T>(list: T[]): T {
    return list[this.int(list.length)]!;
  }

  #frequent(names: string[]): string {
    return names[Math.floor(names.length ** this.#random()) - 1] ?? names[0]!;
  }
}
