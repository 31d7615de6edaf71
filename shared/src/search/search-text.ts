/** The first 30 marks of a character count. UAX #15, section 13: normalisation takes quadratic time of longer runs. */
const TOO_MANY_MARKS = /(\p{M}{30})\p{M}+/gu;
/** Accents; and the vowel points of Arabic and Hebrew, which most texts leave out. Marks of other scripts are part of the letter or the vowel. */
const ACCENTS = /([\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}])\p{M}+/gu;
const VOWEL_POINTS = /[\u0591-\u05BD\u05BF\u05C1\u05C2\u05C4\u05C5\u05C7\u064B-\u0652\u0670]+/gu;
/** Drawn as nothing, or a choice between two looks of a character. The joiners stay: emoji sequences and Indic scripts need them. */
const WITHOUT_INK = /[\u00AD\u0640\u200B\u2060\uFEFF\p{Variation_Selector}]+/gu;
/** Between texts that are stored together. No text has it. */
export const SEPARATOR = '\u0001';
const ASCII = /^[\0-\x7F]*$/;
const VISIBLE = /[^\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/u;

/**
 * A text as it is compared in a search; both the texts and the queries are, so that one text contains the other or not, character by character.
 * What it returns is stored: with a change of this rule, increase SEARCH_RULE in chat-service, and add all rows of `profiles` to
 * `profile_search_changes` in a migration of profile-service.
 *
 * - Compatibility forms are equal (NFKD): full and half width, ligatures, circled and styled letters, the white space of all widths.
 * - Accents of Latin, Greek and Cyrillic letters do not count. Those of other scripts do: か and が are different letters.
 * - Vowel points of Arabic and Hebrew, the Arabic tatweel, soft hyphens, variation selectors, zero-width spaces and U+0001 do not count.
 * - Letters are case-folded in full: ß, ẞ and SS are equal, and so are the three sigmas, and I, İ, i and ı.
 * - Characters are composed at the end (NFC), so that a part of a Hangul syllable is not found in it.
 *
 * It is idempotent.
 */
export function searchText(text: string): string {
  if (text.includes(SEPARATOR)) return searchText(text.replaceAll(SEPARATOR, ''));
  if (ASCII.test(text)) return text.toLowerCase();
  const withoutAccents = text.replace(TOO_MANY_MARKS, '$1').normalize('NFKD').replace(WITHOUT_INK, '').replace(ACCENTS, '$1');
  const folded = withoutAccents.toLowerCase().toUpperCase().toLowerCase().replaceAll('ς', 'σ').normalize('NFKD');
  return folded.replace(ACCENTS, '$1').replace(VOWEL_POINTS, '').normalize('NFC');
}

/** Whether a query, as `searchText` gives it, has a character that is seen: a query of white space would find nearly every message. */
export function isSearchable(text: string): boolean {
  return VISIBLE.test(text);
}
