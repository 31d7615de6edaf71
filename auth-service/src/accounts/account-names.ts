import { canonicalEmail, canonicalUsername, withoutOuterWhiteSpace } from '@chat/shared/http';

/**
 * The form of an e-mail address in which it is compared and is unique. A text that is not an address is returned as it is, and matches no
 * account.
 */
export function normaliseEmail(email: string): string {
  return canonicalEmail(email) ?? email;
}

/** The form of a user name in which it is compared and is unique. */
export function normaliseUsername(username: string): string {
  return canonicalUsername(username) ?? username.toLowerCase();
}

/**
 * An e-mail address as its owner spells it, in NFC and without the white space around it; null for other texts. Mails go to this form, because
 * a mail server may distinguish upper and lower case in the local part (RFC 5321, section 2.4).
 */
export function emailAsTyped(text: string): string | null {
  return canonicalEmail(text) === null ? null : withoutOuterWhiteSpace(text.normalize('NFC'));
}
