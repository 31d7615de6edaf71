import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Account } from '../accounts/account.entity.js';
import { MailRateLimit } from './mail-rate-limit.js';
import type { NoticePurpose } from './mail-purpose.js';
import { MailRequests } from './mail-requests.js';
import { MailSender } from './mail-sender.js';

/**
 * Notifies the owner of an account by mail of a change to its sign-in, in case an attacker made the change. The rate limit of an address
 * applies, because the address of the account may not belong to the user that makes the changes.
 */
@Injectable()
export class SecurityNotices {
  constructor(
    private readonly rateLimit: MailRateLimit,
    private readonly mailRequests: MailRequests,
    private readonly mailSender: MailSender,
  ) {}

  /**
   * In the transaction of the change, which has locked the account and no mail token yet, see lockAccount. Call `sendSoon` after the
   * commit.
   */
  async add(manager: EntityManager, purpose: NoticePurpose, { emailNormalised }: Pick<Account, 'emailNormalised'>): Promise<void> {
    const { allowed } = await this.rateLimit.forRecipient(manager, purpose, emailNormalised);
    if (allowed) await this.mailRequests.add(manager, purpose, emailNormalised);
  }

  sendSoon(): void {
    this.mailSender.wake();
  }
}
