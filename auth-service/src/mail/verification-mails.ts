import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { mustVerifyEmail } from '../accounts/account-rules.js';
import type { Account } from '../accounts/account.entity.js';
import { emailNotVerified } from '../accounts/accounts.errors.js';
import { AuthConfig } from '../config.js';
import { MailRateLimit, type RateLimitResult } from './mail-rate-limit.js';
import { MailRequests } from './mail-requests.js';
import { MailSender } from './mail-sender.js';

/** The mails with the link that confirms the e-mail address of an account. The first one is sent at registration. */
@Injectable()
export class VerificationMails {
  constructor(
    private readonly dataSource: DataSource,
    private readonly config: AuthConfig,
    private readonly rateLimit: MailRateLimit,
    private readonly mailRequests: MailRequests,
    private readonly mailSender: MailSender,
  ) {}

  /** Requests the first mail, in the transaction that creates the account. Call `sendSoon` after the commit. */
  requestFirst(manager: EntityManager, { emailNormalised }: Account): Promise<void> {
    return this.mailRequests.add(manager, 'verify-email', emailNormalised);
  }

  sendSoon(): void {
    this.mailSender.wake();
  }

  /** Requests another mail, within the rate limit of the address. */
  async request({ emailNormalised }: Account): Promise<RateLimitResult> {
    const result = await this.dataSource.transaction(async (manager) => {
      const limit = await this.rateLimit.forRecipient(manager, 'verify-email', emailNormalised);
      if (limit.allowed) await this.mailRequests.add(manager, 'verify-email', emailNormalised);
      return limit;
    });
    this.mailSender.wake();
    return result;
  }

  /**
   * Refuses a session while the address must be confirmed first. The first factor was correct, so this is the owner of the account; a mail
   * is requested, because without a session the user cannot request one.
   */
  async requireVerified(account: Account): Promise<void> {
    if (!mustVerifyEmail(account, this.config)) return;
    await this.request(account);
    throw emailNotVerified();
  }
}
