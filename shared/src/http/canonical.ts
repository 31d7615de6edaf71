import { domainToASCII } from 'node:url';
import { isEmail, isUUID } from 'class-validator';

/*
 * One canonical form for each identifier that a user types. Two spellings of the same identifier give the same text, and every function is
 * idempotent: canonicalX(canonicalX(text)) is canonicalX(text). Each returns null for a text that cannot be such an identifier.
 * The decorators of `canonical-fields.ts` apply them to the fields of a DTO.
 */

/**
 * In code units: a longer text is rejected before any work on it. A password of 256 characters that are written with their accents apart has
 * this length. The time of a normalisation grows with the square of the length, and every client can send these texts without a token.
 */
const MAX_TYPED_LENGTH = 1024;
/** RFC 5321, sections 4.5.3.1.1 and 4.5.3.1.3, in octets; a path of 256 octets includes the two angle brackets. */
const MAX_EMAIL_BYTES = 254;
const MAX_LOCAL_PART_BYTES = 64;

const IS_WHITE_SPACE = /[\p{White_Space}\uFEFF]/u;
const WHITE_SPACE = /[\p{White_Space}\uFEFF]+/gu;
/** Within quotes a local part may contain white space; invisible characters make two different addresses look the same. */
const NOT_IN_LOCAL_PART = /["\p{White_Space}\p{Cc}\p{Cf}]/u;
/** The URL parser behind domainToASCII also decodes `%61`, and reads `/`, `:` and `[`: none of them is part of a domain. */
const ASCII_DOMAIN = /^[A-Za-z0-9.-]*$/;
const NON_ASCII = /[^\0-\x7F]/gu;
const USERNAME = /^[A-Za-z0-9._-]{3,32}$/;
const CODE = /^[A-Za-z0-9]+$/;
/** Besides white space and hyphens of any width: the minus sign, and format characters such as the soft hyphen. */
const CODE_SEPARATORS = /[\p{White_Space}\p{Pd}\p{Cf}\u2212]+/gu;
/** Control characters, and the bidirectional embeddings, overrides and isolates, which can change the order of the text around a name. */
const NOT_IN_DISPLAY_TEXT = /[\p{Cc}\u202A-\u202E\u2066-\u2069]/u;
/** Marks are visible only on another character; U+2800 (braille blank) and U+1D159 (null notehead) are symbols without ink. */
const VISIBLE = /[^\p{White_Space}\p{Cc}\p{Cf}\p{M}\p{Default_Ignorable_Code_Point}\u2800\u{1D159}]/u;

/**
 * The canonical form of an e-mail address: without surrounding white space, NFC, in lower case independently of the locale, the domain in ASCII
 * by UTS 46. Null for a text that is not an address of at most 254 octets with a local part of at most 64 (RFC 5321, RFC 6531). Quoted local
 * parts, address literals and domains of one label are not accepted.
 */
export function canonicalEmail(text: string): string | null {
  const typed = trimmed(text);
  // No spelling needs more code units than the address has octets, and the work on a domain grows with the square of its length.
  if (typed === null || typed.length > MAX_EMAIL_BYTES) return null;
  const at = typed.lastIndexOf('@');
  const local = lowerCase(typed.slice(0, Math.max(at, 0)));
  const domain = canonicalDomain(typed.slice(at + 1));
  if (local === '' || domain === null || NOT_IN_LOCAL_PART.test(local) || Buffer.byteLength(local) > MAX_LOCAL_PART_BYTES) return null;
  const email = `${local}@${domain}`;
  return Buffer.byteLength(email) <= MAX_EMAIL_BYTES && isEmail(email) ? email : null;
}

/** A user name as its owner spells it, without surrounding white space: 3 to 32 characters of A-Z a-z 0-9 . _ - (ASCII). Null for other texts. */
export function usernameAsTyped(text: string): string | null {
  const username = trimmed(text);
  return username !== null && USERNAME.test(username) ? username : null;
}

/** The canonical form of a user name, in which it is compared and is unique: `usernameAsTyped` in lower case. */
export function canonicalUsername(text: string): string | null {
  return usernameAsTyped(text)?.toLowerCase() ?? null;
}

/**
 * The canonical form of a name or another display text of one line: NFC, without surrounding white space, each run of white space within it
 * (line breaks included) one space. Null for a text that shows nothing, such as one of zero-width characters, Hangul fillers or combining
 * marks alone, and for one with control characters or bidirectional overrides. The maximum length is the concern of the field.
 */
export function canonicalName(text: string): string | null {
  const name = trimmed(text)?.replace(WHITE_SPACE, ' ');
  return name !== undefined && VISIBLE.test(name) && !NOT_IN_DISPLAY_TEXT.test(name) ? name : null;
}

/**
 * The canonical form of a one-time or recovery code: NFKC (full-width digits and letters become ASCII), without white space and hyphens, in
 * upper case. Null for a text with other characters than A-Z and 0-9, digits of other scripts included.
 */
export function canonicalCode(text: string): string | null {
  if (text.length > MAX_TYPED_LENGTH) return null;
  const code = text.normalize('NFKC').replace(CODE_SEPARATORS, '');
  return CODE.test(code) ? code.toUpperCase() : null;
}

/**
 * The form of a password that is hashed: NFC, so that the same characters typed on different devices are the same password (NIST SP 800-63B
 * asks for a normalisation; RFC 8265, section 4.2, for NFC). Nothing else is changed: every character counts, white space included. Null for
 * text that is not well-formed UTF-16.
 */
export function canonicalPassword(text: string): string | null {
  return text.length <= MAX_TYPED_LENGTH && text.isWellFormed() ? text.normalize('NFC') : null;
}

/** The canonical form of an id, as PostgreSQL writes it: a UUID of any version (RFC 9562) in lower case. */
export function canonicalId(text: string): string | null {
  return isUUID(text, 'all') ? text.toLowerCase() : null;
}

/** NFC, without the white space around it; null for text that is too long or not well-formed UTF-16. */
function trimmed(text: string): string | null {
  if (text.length > MAX_TYPED_LENGTH || !text.isWellFormed()) return null;
  return withoutOuterWhiteSpace(text.normalize('NFC'));
}

/** For text of a bounded length. A loop, because a regular expression for white space before the end tries every run of white space, from each of its characters. */
export function withoutOuterWhiteSpace(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && IS_WHITE_SPACE.test(text[start]!)) start += 1;
  while (start < end && IS_WHITE_SPACE.test(text[end - 1]!)) end -= 1;
  return text.slice(start, end);
}

/** Lower-casing may decompose: `İ` becomes `i` with a dot above. */
function lowerCase(text: string): string {
  return text.toLowerCase().normalize('NFC');
}

function canonicalDomain(text: string): string | null {
  if (!ASCII_DOMAIN.test(text.replace(NON_ASCII, ''))) return null;
  const domain = domainToASCII(text);
  return domain !== '' && ASCII_DOMAIN.test(domain) ? domain.toLowerCase() : null;
}
