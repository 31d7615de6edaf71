/** The identifiers of the user, which an attacker tries first. */
export interface PasswordOwner {
  email: string;
  username: string;
}

/** The words of the product and of the roles in it. docs/security/sign-in.md lists them. */
export const PRODUCT_WORDS = ['chat-backend', 'chat', 'messenger', 'message', 'password', 'admin', 'welcome'];

/** The number of characters that a password needs besides the words. */
const ENOUGH_CHARACTERS = 6;
/** Shorter words occur in many passwords. */
const SHORTEST_WORD = 3;

/** The words that an attacker of this account or this installation tries first. */
export function contextWords({ email, username }: PasswordOwner, installation: { totpIssuer: string; webAppUrl: string }): string[] {
  const [localPart = ''] = email.split('@', 1);
  const hostLabels = new URL(installation.webAppUrl).hostname.split('.');
  return [email, localPart, username, installation.totpIssuer, ...hostLabels, ...PRODUCT_WORDS];
}

/** Whether a password consists of little more than such words, as in `Ada-2026` or `chatchat!`, in upper or lower case. */
export function isMadeOf(words: string[], password: string): boolean {
  const lower = password.toLowerCase();
  const longestFirst = [...new Set(words.map((word) => word.toLowerCase()))].sort((a, b) => b.length - a.length);
  if (longestFirst.includes(lower)) return true;
  const left = longestFirst.filter((word) => word.length >= SHORTEST_WORD).reduce((rest, word) => rest.replaceAll(word, ''), lower);
  return left !== lower && [...left].length < ENOUGH_CHARACTERS;
}
