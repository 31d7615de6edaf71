import type { Account } from '../accounts/account.entity.js';
import type { AuthConfig } from '../config.js';

/** Whether this installation gives the account no session before its e-mail address is confirmed. */
export function mustVerifyFirst({ emailVerifiedAt }: Account, { mail }: AuthConfig): boolean {
  return mail.requireVerified && emailVerifiedAt === null;
}
