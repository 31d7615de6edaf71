import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Account } from '../accounts/account.entity.js';
import type { ClientDetails } from '../client/client-details.js';
import type { SecurityNotice } from './mail-purpose.js';
import { MailRequests } from './mail-requests.js';
import { MailSender } from './mail-sender.js';

/**
 * Notifies the owner of an account by mail of a change to its sign-in, in case an attacker made the change. MailRateLimit
 * applies, because the address of the account may not belong to the user that makes the changes.
 */
@Injectable()
export class SecurityNotices {
  constructor(
    private readonly mailRequests: MailRequests,
    private readonly mailSender: MailSender,
  ) {}

  /**
   * In the transaction of the change, which has locked the account and no mail token yet, see lockAccount. Call `sendSoon` after the
   * commit.
   */
  add(manager: EntityManager, purpose: SecurityNotice, { emailNormalised }: Account, client: ClientDetails): Promise<void> {
    return this.mailRequests.add(manager, { purpose, emailNormalised, client });
  }

  sendSoon(): void {
    this.mailSender.wake();
  }
}
