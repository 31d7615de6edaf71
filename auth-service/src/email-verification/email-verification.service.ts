import { Injectable } from '@nestjs/common';
import type { AuthenticatedUser } from '@chat/shared/auth';
import { DataSource, type EntityManager } from 'typeorm';
import { Account } from '../accounts/account.entity.js';
import { accountNotFound } from '../accounts/accounts.errors.js';
import { lockAccount } from '../accounts/lock-account.js';
import { AuthConfig } from '../config.js';
import { MailAllowances } from '../mail/mail-allowances.js';
import { MailRequests } from '../mail/mail-requests.js';
import { MailSender } from '../mail/mail-sender.js';
import { MailTokens } from '../mail/mail-tokens.js';
import { badMailToken, tooManyMails } from '../mail/mail.errors.js';
import { SecurityEventsService } from '../security-events/security-events.service.js';
import type { ClientDetails } from '../sessions/client-details.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { emailNotVerified } from './email-verification.errors.js';
import { mustVerifyFirst } from './verified-email.rule.js';

/** How an account shows that its e-mail address is its own: by a link that is sent there. The first one is sent at registration. */
@Injectable()
export class EmailVerificationService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly config: AuthConfig,
    private readonly sessions: SessionsService,
    private readonly mailRequests: MailRequests,
    private readonly mailSender: MailSender,
    private readonly mailTokens: MailTokens,
    private readonly allowances: MailAllowances,
    private readonly securityEvents: SecurityEventsService,
  ) {}

  /** Asks for the first link, in the transaction that makes the account. To be called after the commit: `sendSoon`. */
  begin(manager: EntityManager, { emailNormalised }: Account): Promise<void> {
    return this.mailRequests.add(manager, 'verify-email', emailNormalised);
  }

  sendSoon(): void {
    this.mailSender.wake();
  }

  /** Sends the link again; the former one works no more. An address that is confirmed already needs no mail. */
  async request(caller: AuthenticatedUser): Promise<void> {
    await this.sessions.requireLive(caller);
    const account = await this.dataSource.getRepository(Account).findOneBy({ id: caller.userId });
    if (!account) throw accountNotFound();
    if (account.emailVerifiedAt) return;
    const allowance = await this.#send(account);
    if (!allowance.allowed) throw tooManyMails(allowance.retryAfterSeconds);
  }

  /**
   * Refuses a session to whoever has shown to be the account's owner, but not that the address is theirs, where that is needed first. The
   * link is sent again, as they cannot ask for it otherwise.
   */
  async requireVerified(account: Account): Promise<void> {
    if (!mustVerifyFirst(account, this.config)) return;
    await this.#send(account);
    throw emailNotVerified();
  }

  async verify(token: string, client: ClientDetails): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      const userId = await this.mailTokens.ownerOf(manager, 'verify-email', token);
      if (!userId) throw badMailToken();
      await lockAccount(manager, userId);
      if ((await this.mailTokens.redeem(manager, 'verify-email', token)) !== userId) throw badMailToken();
      await manager.query('update accounts set email_verified_at = coalesce(email_verified_at, clock_timestamp()) where id = $1', [userId]);
      await this.securityEvents.record(manager, { userId, type: 'email-verified', client });
    });
  }

  async #send({ emailNormalised }: Account) {
    const allowance = await this.dataSource.transaction(async (manager) => {
      const taken = await this.allowances.forRecipient(manager, 'verify-email', emailNormalised);
      if (taken.allowed) await this.mailRequests.add(manager, 'verify-email', emailNormalised);
      return taken;
    });
    this.mailSender.wake();
    return allowance;
  }
}
