/** Messages and queries of bench/search.ts: pseudo-random, the same in every run. */

const LATIN_WORDS = 20_000;
const CJK_WORDS = 30_000;
const CJK_CHARACTERS = 4_000;
const ACCENTED = ['é', 'ü', 'ñ', 'ö', 'å'];
/** About as many different runs of three letters as a European language has. */
const ONSETS = 'b c ch d f g h j k l m n p qu r s st t tr v w z'.split(' ');
const VOWELS = 'a e i o u ai ea io ou y'.split(' ');
const CODAS = ['', '', '', 'n', 'r', 's', 't', 'l', 'm', 'ng', 'nd', 'x'];

/** A generator of numbers from 0 to 1 (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Texts as users write them: few words are frequent, most are rare (Zipf's law). Half of the texts are Latin, half are Chinese. */
export class TextGenerator {
  readonly #random: () => number;
  readonly #latin: string[];
  readonly #cjk: string[];

  constructor(seed: number) {
    const random = (this.#random = randomNumbers(seed));
    const int = (below: number) => Math.floor(random() * below);
    this.#latin = Array.from({ length: LATIN_WORDS }, () => {
      const word = Array.from({ length: 1 + int(3) }, () => [ONSETS, VOWELS, CODAS].map((parts) => parts[int(parts.length)]).join('')).join(
        '',
      );
      return int(10) === 0 ? word + ACCENTED[int(ACCENTED.length)] : word;
    });
    const character = () => String.fromCodePoint(0x4e00 + Math.floor(CJK_CHARACTERS * random() ** 2));
    this.#cjk = Array.from({ length: CJK_WORDS }, () => Array.from({ length: 1 + int(3) }, character).join(''));
  }

  /** A text of 4 to 24 words. */
  text(isCjk: boolean): string {
    const words = Array.from({ length: 4 + Math.floor(this.#random() * 20) }, () => this.#word(isCjk ? this.#cjk : this.#latin));
    if (isCjk) return `${words.join('')}。`;
    words[0] = words[0]!.charAt(0).toUpperCase() + words[0]!.slice(1);
    return `${words.join(' ')}.`;
  }

  /** A part of a text: 1 to 6 characters of a Chinese one, 3 to 16 of a Latin one. */
  query(text: string, isCjk: boolean): string {
    const characters = [...text];
    const length = isCjk ? 1 + Math.floor(this.#random() * 6) : 3 + Math.floor(this.#random() * 14);
    const from = Math.floor(this.#random() * Math.max(1, characters.length - length));
    return characters.slice(from, from + length).join('');
  }

  /** A word of rank r comes with a probability of about 1/r. */
  #word(words: string[]): string {
    return words[Math.floor(words.length ** this.#random()) - 1] ?? words[0]!;
  }
}
