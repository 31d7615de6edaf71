import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { normaliseEmail } from '../accounts/account-names.js';
import { MailRequests } from '../mail/mail-requests.js';
import { MailSender } from '../mail/mail-sender.js';
import type { ClientDetails } from '../client/client-details.js';

/** Requests links for a new password. */
@Injectable()
export class PasswordResetRequestsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly mailRequests: MailRequests,
    private readonly mailSender: MailSender,
  ) {}

  /**
   * The account of the address is not looked up here, so neither response nor response time reveals whether there is one. The response is
   * the same if too many mails were sent to the address: the link in the last of them is still valid.
   */
  async request(email: string, client: ClientDetails): Promise<void> {
    await this.mailRequests.add(this.dataSource.manager, { purpose: 'reset-password', emailNormalised: normaliseEmail(email), client });
    this.mailSender.wake();
  }
}
