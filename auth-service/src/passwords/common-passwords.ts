import { COMMON_PASSWORDS } from './common-passwords.generated.js';

const COMMON = new Set(COMMON_PASSWORDS.split('\n'));

/** Whether a password is among the most common ones, which are tried first. Upper and lower case make no difference. */
export function isCommon(password: string): boolean {
  return COMMON.has(password.toLowerCase());
}
