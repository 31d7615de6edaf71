import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Account } from '../accounts/account.entity.js';
import { MailRateLimit } from './mail-rate-limit.js';
import type { NoticePurpose } from './mail-purpose.js';
import { MailRequests } from './mail-requests.js';
import { MailSender } from './mail-sender.js';

/**
 * Tells the owner of an account by mail what was changed about signing in, so that they learn of it when it was somebody else. As with
 * other mails, an address gets so many of a kind in a quarter of an hour and no more: it may not be that of who makes the changes.
 */
@Injectable()
export class SecurityNotices {
  constructor(
    private readonly rateLimit: MailRateLimit,
    private readonly mailRequests: MailRequests,
    private readonly mailSender: MailSender,
  ) {}

  /**
   * In the transaction of the change, which has locked the account and no mail token yet: see lockAccount. To be called after the commit:
   * `sendSoon`.
   */
  async add(manager: EntityManager, purpose: NoticePurpose, { emailNormalised }: Pick<Account, 'emailNormalised'>): Promise<void> {
    const { allowed } = await this.rateLimit.forRecipient(manager, purpose, emailNormalised);
    if (allowed) await this.mailRequests.add(manager, purpose, emailNormalised);
  }

  sendSoon(): void {
    this.mailSender.wake();
  }
}
