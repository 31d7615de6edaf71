import type { Account } from './account.entity.js';
import type { AuthConfig } from '../config.js';

/** Whether the account may only enrol in MFA: this installation requires MFA, and the account has none. */
export function mustEnrolInMfa({ totpEnabledAt }: Account, { requireSecondFactor }: AuthConfig): boolean {
  return requireSecondFactor && totpEnabledAt === null;
}

/** Whether the e-mail address must be confirmed before the account gets a session. */
export function mustVerifyEmail({ emailVerifiedAt }: Account, { mail }: AuthConfig): boolean {
  return mail.requireVerified && emailVerifiedAt === null;
}
