import { searchText } from '@chat/shared/search';

/** A text by whose beginning a user is found. `rank` 0: the beginning of the user name or of a name; 1: a later word, or a later character where words have no spaces. */
export interface SearchTerm {
  rank: 0 | 1;
  term: string;
}

/** What a user is found by; never the e-mail address, which this service does not have. */
export interface SearchedNames {
  username: string;
  firstName: string | null;
  lastName: string | null;
}

/** In UTF-16 code units, at most 300 bytes: an entry of an index has at most 2,700. */
const MAX_TERM_LENGTH = 100;
/** Of the later words: no name makes the index of all users slower. */
const MAX_LATER_TERMS = 24;
/** From here on (CJK, kana, Hangul, emoji) names are written without spaces, so each character begins a term. */
const FIRST_OF_LARGE_SCRIPTS = 0x2e80;
const BETWEEN_WORDS = /[\s\p{P}\p{S}]/u;

/** The terms of a user, each of which is needed: none is the beginning of another one that comes before it. */
export function searchTerms({ username, firstName, lastName }: SearchedNames): SearchTerm[] {
  const [user, first, last] = [comparedName(username), comparedName(firstName ?? ''), comparedName(lastName ?? '')];
  const fullName = `${first} ${last}`.trim();
  const starts = [user, fullName, `${last} ${first}`.trim()];
  // 王 and 小明 are found as 王小明.
  if (isOfLargeScript(first) && isOfLargeScript(last)) starts.push(last + first);
  const later = [user, fullName].flatMap(laterWords).slice(0, MAX_LATER_TERMS);
  const terms = [...starts.map((term) => ({ rank: 0 as const, term })), ...later.map((term) => ({ rank: 1 as const, term }))]
    .map(({ rank, term }) => ({ rank, term: cut(term) }))
    .filter(({ term }) => term !== '');
  return terms.filter(
    (one, index) =>
      !terms.some(
        (other, at) =>
          other.rank <= one.rank && other.term.startsWith(one.term) && (other.term !== one.term || other.rank < one.rank || at < index),
      ),
  );
}

/** The beginning that the terms of the users found by a query have. */
export function searchPrefix(query: string): string {
  return cut(comparedName(query));
}

function comparedName(text: string): string {
  return searchText(text).replace(/\s+/gu, ' ').trim();
}

/** Without half of a surrogate pair at the end. */
function cut(text: string): string {
  const end = text.charCodeAt(MAX_TERM_LENGTH - 1);
  return text.slice(0, end >= 0xd800 && end <= 0xdbff ? MAX_TERM_LENGTH - 1 : MAX_TERM_LENGTH);
}

function isOfLargeScript(text: string): boolean {
  return (text.codePointAt(0) ?? 0) >= FIRST_OF_LARGE_SCRIPTS;
}

/** The ends of a text that begin with a word, except the whole text. */
function laterWords(text: string): string[] {
  const words: string[] = [];
  let before = '';
  let index = 0;
  for (const character of text) {
    const begins = BETWEEN_WORDS.test(before) || isOfLargeScript(character);
    if (index > 0 && begins && !/[\s\p{P}]/u.test(character)) words.push(text.slice(index));
    before = character;
    index += character.length;
  }
  return words;
}
