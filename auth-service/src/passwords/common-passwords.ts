import { readFileSync } from 'node:fs';

/**
 * The 17,950 most common passwords of at least 8 characters, in lower case, the most common first: from `passwords.json` of the npm package
 * @zxcvbn-ts/language-common 4.1.3 (MIT), which ranks leaked passwords. Read once, when the service starts.
 */
const COMMON = new Set(
  readFileSync(new URL('./common-passwords.txt', import.meta.url), 'utf8')
    .trimEnd()
    .split('\n'),
);

/** Whether a password is one of the most common ones, which an attacker tries first, in upper or lower case. */
export function isCommon(password: string): boolean {
  return COMMON.has(password.toLowerCase());
}
