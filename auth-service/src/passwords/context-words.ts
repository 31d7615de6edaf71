/** What belongs to the person and is tried first with them. */
export interface PasswordOwner {
  email: string;
  username: string;
}

/** The product's own words, and those of the roles in it. docs/security/sign-in.md names them. */
export const PRODUCT_WORDS = ['chat-backend', 'chat', 'messenger', 'message', 'password', 'admin', 'welcome'];

/** Below this many characters beside the words, what is left is no password of its own. */
const ENOUGH_CHARACTERS = 6;
/** Shorter ones are in everything. */
const SHORTEST_WORD = 3;

/** The words that whoever attacks this very account or this very installation tries first. */
export function contextWords({ email, username }: PasswordOwner, installation: { totpIssuer: string; webAppUrl: string }): string[] {
  const [localPart = ''] = email.split('@', 1);
  const hostLabels = new URL(installation.webAppUrl).hostname.split('.');
  return [email, localPart, username, installation.totpIssuer, ...hostLabels, ...PRODUCT_WORDS];
}

/** Whether a password is little more than such words, as in `Ada-2026` or `chatchat!`. Upper and lower case make no difference. */
export function isMadeOf(words: string[], password: string): boolean {
  const lower = password.toLowerCase();
  const longestFirst = [...new Set(words.map((word) => word.toLowerCase()))].sort((a, b) => b.length - a.length);
  if (longestFirst.includes(lower)) return true;
  const left = longestFirst.filter((word) => word.length >= SHORTEST_WORD).reduce((rest, word) => rest.replaceAll(word, ''), lower);
  return left !== lower && [...left].length < ENOUGH_CHARACTERS;
}
