import { Injectable } from '@nestjs/common';
import { AppError } from '@chat/shared/errors';
import type { Account } from '../accounts/account.entity.js';
import { AuthRateLimits } from '../rate-limits/auth-rate-limits.js';
import { hashOf } from '../secrets/one-time-secrets.js';
import { isSecurityNotice } from './mail-purpose.js';
import type { MailRequest } from './mail-request.entity.js';

/**
 * Limits the mails to an address and the mails that an address of the network causes, of every kind together and for every account that has
 * or had the e-mail address. Notices of changes to a confirmed address have a rate limit of their own: an attacker cannot use up the other one
 * to hide a change from the owner.
 *
 * Its time is shorter than the lifetime of every link: if a mail is not sent because too many were requested, a link that was sent before is
 * still valid. So an attacker cannot keep users from their accounts by requesting mails for their addresses.
 */
@Injectable()
export class MailRateLimit {
  constructor(private readonly limits: AuthRateLimits) {}

  /** Takes one mail; false: none is left. Called once per mail, before the first attempt to send it. */
  async take({ purpose, emailNormalised, requesterAddress }: MailRequest, { emailVerifiedAt }: Account): Promise<boolean> {
    const hasOwnLimit = isSecurityNotice(purpose) && emailVerifiedAt !== null;
    const user = keyOf(emailNormalised);
    try {
      await (hasOwnLimit ? this.limits.take('notices', { user }) : this.limits.take('mails', { user, address: requesterAddress }));
      return true;
    } catch (error) {
      if (error instanceof AppError && error.kind === 'rate-limited') return false;
      throw error;
    }
  }

  /** For an address whose owner has just used a link, and so receives the mails. */
  reset(emailNormalised: string): Promise<void> {
    return this.limits.reset('mails', keyOf(emailNormalised));
  }
}

/** Redis must not contain e-mail addresses. */
function keyOf(emailNormalised: string): string {
  return hashOf(emailNormalised).toString('base64url');
}
