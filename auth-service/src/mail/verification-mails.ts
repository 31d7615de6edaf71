import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { mustVerifyEmail } from '../accounts/account-rules.js';
import type { Account } from '../accounts/account.entity.js';
import { emailNotVerified } from '../accounts/accounts.errors.js';
import { AuthConfig } from '../config.js';
import { MailRateLimit, type RateLimitResult } from './mail-rate-limit.js';
import { MailRequests } from './mail-requests.js';
import { MailSender } from './mail-sender.js';
import { MailTokens } from './mail-tokens.js';

/** The mails with the link that confirms the e-mail address of an account. The first one is sent at registration. */
@Injectable()
export class VerificationMails {
  constructor(
    private readonly dataSource: DataSource,
    private readonly config: AuthConfig,
    private readonly rateLimit: MailRateLimit,
    private readonly mailRequests: MailRequests,
    private readonly mailSender: MailSender,
    private readonly mailTokens: MailTokens,
  ) {}

  /** Requests the first mail, in the transaction that creates the account. Call `sendSoon` after the commit. */
  requestFirst(manager: EntityManager, { emailNormalised }: Account): Promise<void> {
    return this.mailRequests.add(manager, 'verify-email', emailNormalised);
  }

  sendSoon(): void {
    this.mailSender.wake();
  }

  /** Requests a mail whose link replaces the earlier ones, within the rate limit of the address. */
  async replace(account: Account): Promise<RateLimitResult> {
    return this.#request(account, (manager) => this.mailTokens.discard(manager, account.id, 'verify-email'));
  }

  /**
   * Refuses a session while the address must be confirmed first. The first factor was correct, so this is the owner of the account; a mail
   * is requested, because without a session the user cannot request one. The links of earlier mails stay valid: the user asked for a
   * session, not for a new link, and may open whichever mail arrived.
   */
  async requireVerified(account: Account): Promise<void> {
    if (!mustVerifyEmail(account, this.config)) return;
    await this.#request(account);
    throw emailNotVerified();
  }

  async #request({ emailNormalised }: Account, whenAllowed?: (manager: EntityManager) => Promise<void>): Promise<RateLimitResult> {
    const result = await this.dataSource.transaction(async (manager) => {
      const limit = await this.rateLimit.forRecipient(manager, 'verify-email', emailNormalised);
      if (!limit.allowed) return limit;
      await this.mailRequests.add(manager, 'verify-email', emailNormalised);
      await whenAllowed?.(manager);
      return limit;
    });
    this.mailSender.wake();
    return result;
  }
}
