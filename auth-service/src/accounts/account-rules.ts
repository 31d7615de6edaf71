import type { Account } from './account.entity.js';
import type { AuthConfig } from '../config.js';

/** Whether this installation lets the account do nothing but set up a second factor, as it has none. */
export function mustEnrolInMfa({ totpEnabledAt }: Account, { requireSecondFactor }: AuthConfig): boolean {
  return requireSecondFactor && totpEnabledAt === null;
}

/** Whether this installation gives the account no session before its e-mail address is confirmed. */
export function mustVerifyEmail({ emailVerifiedAt }: Account, { mail }: AuthConfig): boolean {
  return mail.requireVerified && emailVerifiedAt === null;
}
