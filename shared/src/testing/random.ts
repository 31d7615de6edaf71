import { randomBytes } from 'node:crypto';

/** A user name that no other test uses. */
export function randomUsername(): string {
  return `u${randomBytes(8).toString('hex')}`;
}

/** An e-mail address that no other test uses. */
export function randomEmail(): string {
  return `${randomUsername()}@example.test`;
}
