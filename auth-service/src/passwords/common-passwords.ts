import { COMMON_PASSWORDS } from './common-passwords.generated.js';

const COMMON = new Set(COMMON_PASSWORDS.split('\n'));

/** What belongs to the person and is tried first with them. */
export interface PasswordOwner {
  email: string;
  username: string;
}

/** Whether a password is among those that are tried first: the common ones, or what it is for. Upper and lower case make no difference. */
export function isEasilyGuessed(password: string, { email, username }: PasswordOwner): boolean {
  const lower = password.toLowerCase();
  const [localPart = ''] = email.split('@', 1);
  return COMMON.has(lower) || [email, localPart, username].some((own) => own.toLowerCase() === lower);
}
