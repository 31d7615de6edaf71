import { Injectable } from '@nestjs/common';
import type { AuthenticatedUser } from '@chat/shared/auth';
import { DataSource } from 'typeorm';
import { Account } from '../accounts/account.entity.js';
import { accountNotFound } from '../accounts/accounts.errors.js';
import { lockAccount } from '../accounts/lock-account.js';
import { AuditLogService } from '../audit-log/audit-log.service.js';
import type { ClientDetails } from '../client/client-details.js';
import { MailTokens } from '../mail/mail-tokens.js';
import { badMailToken } from '../mail/mail.errors.js';
import { VerificationMails } from '../mail/verification-mails.js';
import { SessionsService } from '../sessions/sessions.service.js';

/** Confirms e-mail addresses by a link that is sent there. */
@Injectable()
export class EmailVerificationService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly sessions: SessionsService,
    private readonly verificationMails: VerificationMails,
    private readonly mailTokens: MailTokens,
    private readonly auditLog: AuditLogService,
  ) {}

  /** Requests a new link; earlier links become invalid when it is sent. An address that is confirmed already needs no mail. */
  async request(user: AuthenticatedUser, client: ClientDetails): Promise<void> {
    await this.sessions.requireActive(user);
    const account = await this.dataSource.getRepository(Account).findOneBy({ id: user.userId });
    if (!account) throw accountNotFound();
    if (account.emailVerifiedAt) return;
    await this.verificationMails.replace(account, client);
  }

  async verify(token: string, client: ClientDetails): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      const userId = await this.mailTokens.ownerOf(manager, 'verify-email', token);
      if (!userId) throw badMailToken();
      await lockAccount(manager, userId);
      if ((await this.mailTokens.redeem(manager, 'verify-email', token)) !== userId) throw badMailToken();
      await manager.query('update accounts set email_verified_at = coalesce(email_verified_at, clock_timestamp()) where id = $1', [userId]);
      await this.mailTokens.discard(manager, userId, 'verify-email');
      await this.auditLog.record(manager, { userId, type: 'email-verified', client });
    });
  }
}
