import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { mustVerifyEmail } from '../accounts/account-rules.js';
import type { Account } from '../accounts/account.entity.js';
import { emailNotVerified } from '../accounts/accounts.errors.js';
import type { ClientDetails } from '../client/client-details.js';
import { AuthConfig } from '../config.js';
import { MailRequests } from './mail-requests.js';
import { MailSender } from './mail-sender.js';

/** The mails with the link that confirms the e-mail address of an account. The first one is sent at registration. */
@Injectable()
export class VerificationMails {
  constructor(
    private readonly dataSource: DataSource,
    private readonly config: AuthConfig,
    private readonly mailRequests: MailRequests,
    private readonly mailSender: MailSender,
  ) {}

  /** Requests the first mail, in the transaction that creates the account. Call `sendSoon` after the commit. */
  requestFirst(manager: EntityManager, { emailNormalised }: Account, client: ClientDetails): Promise<void> {
    return this.mailRequests.add(manager, { purpose: 'verify-email', emailNormalised, client });
  }

  /** Tells the owner of the address that it has an account already, in a registration that must not tell its client. */
  requestRefusal(emailNormalised: string, client: ClientDetails): Promise<void> {
    return this.mailRequests.add(this.dataSource.manager, { purpose: 'registration-refused', emailNormalised, client });
  }

  sendSoon(): void {
    this.mailSender.wake();
  }

  /** Requests a mail whose link replaces the earlier ones. */
  async replace({ emailNormalised }: Account, client: ClientDetails): Promise<void> {
    await this.mailRequests.add(this.dataSource.manager, { purpose: 'verify-email', emailNormalised, client, replacesLinks: true });
    this.mailSender.wake();
  }

  /**
   * Refuses a session while the address must be confirmed first. The first factor was correct, so this is the owner of the account; a mail
   * is requested, because without a session the user cannot request one. The links of earlier mails stay valid: the user asked for a
   * session, not for a new link, and may open whichever mail arrived.
   */
  async requireVerified(account: Account, client: ClientDetails): Promise<void> {
    if (!mustVerifyEmail(account, this.config)) return;
    await this.requestFirst(this.dataSource.manager, account, client);
    this.mailSender.wake();
    throw emailNotVerified();
  }
}
