import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { normaliseEmail } from '../accounts/account-names.js';
import { MailRateLimit } from '../mail/mail-rate-limit.js';
import { MailRequests } from '../mail/mail-requests.js';
import { MailSender } from '../mail/mail-sender.js';
import { tooManyMails } from '../mail/mail.errors.js';
import type { ClientDetails } from '../client/client-details.js';

/** Requests links for a new password. */
@Injectable()
export class PasswordResetRequestsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly rateLimit: MailRateLimit,
    private readonly mailRequests: MailRequests,
    private readonly mailSender: MailSender,
  ) {}

  /**
   * The account of the address is not looked up here, so neither response nor response time reveals whether there is one. The response is
   * the same if too many mails were sent to the address: the link in the last of them is still valid.
   */
  async request(email: string, client: ClientDetails): Promise<void> {
    const emailNormalised = normaliseEmail(email);
    const ofClient = await this.rateLimit.forClient(this.dataSource.manager, client.ipAddress);
    if (!ofClient.allowed) throw tooManyMails(ofClient.retryAfterSeconds);
    await this.dataSource.transaction(async (manager) => {
      const { allowed } = await this.rateLimit.forRecipient(manager, 'reset-password', emailNormalised);
      if (allowed) await this.mailRequests.add(manager, 'reset-password', emailNormalised);
    });
    this.mailSender.wake();
  }
}
