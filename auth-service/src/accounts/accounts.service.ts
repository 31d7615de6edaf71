import { Injectable } from '@nestjs/common';
import type { AuthenticatedUser } from '@chat/shared/auth';
import type { AccountSummary, Account as AccountView, AuthTokens, RegisterRequest } from '@chat/shared/contracts';
import { newId } from '@chat/shared/database';
import { OutboxRelay } from '@chat/shared/outbox';
import { DataSource, QueryFailedError } from 'typeorm';
import { AuthConfig } from '../config.js';
import { emailNotVerified } from '../email-verification/email-verification.errors.js';
import { EmailVerificationService } from '../email-verification/email-verification.service.js';
import { mustVerifyFirst } from '../email-verification/verified-email.rule.js';
import { PasswordsService } from '../passwords/passwords.service.js';
import type { ClientDetails } from '../sessions/client-details.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { SessionOpener } from '../sign-in/session-opener.js';
import { normaliseEmail, normaliseUsername } from './account-names.js';
import { toAccountSummary, toAccountView } from './account-views.js';
import { Account } from './account.entity.js';
import { accountNotFound, taken, type UniqueField } from './accounts.errors.js';
import { announceUserRegistered } from './accounts.events.js';

/** The unique indexes of the table, see migration 0001. */
const FIELD_OF_INDEX: Record<string, UniqueField> = {
  accounts_email_normalised_key: 'email',
  accounts_username_normalised_key: 'username',
};

@Injectable()
export class AccountsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly passwords: PasswordsService,
    private readonly sessions: SessionsService,
    private readonly sessionOpener: SessionOpener,
    private readonly emailVerification: EmailVerificationService,
    private readonly config: AuthConfig,
    private readonly outboxRelay: OutboxRelay,
  ) {}

  /** Makes an account and signs it in. Account, session, announcement and the request for a mail are stored together or not at all. */
  async register(request: RegisterRequest, client: ClientDetails): Promise<AuthTokens> {
    const account = this.#newAccount(request);
    // A first look, so that a taken name costs no hashing. What decides is the unique indexes, below.
    await this.#refuseIfTaken(account);
    account.passwordHash = await this.passwords.hash(request.password, request);
    const tokens = await this.#storeUnlessTaken(account, client);
    this.outboxRelay.wake();
    this.emailVerification.sendSoon();
    if (!tokens) throw emailNotVerified();
    return tokens;
  }

  async me(caller: AuthenticatedUser): Promise<AccountView> {
    await this.sessions.requireLive(caller);
    return toAccountView(await this.#find(caller.userId));
  }

  async summary(userId: string): Promise<AccountSummary> {
    return toAccountSummary(await this.#find(userId));
  }

  #newAccount({ email, username, firstName, lastName }: RegisterRequest): Account {
    return this.dataSource.getRepository(Account).create({
      id: newId(),
      email,
      emailNormalised: normaliseEmail(email),
      username,
      usernameNormalised: normaliseUsername(username),
      firstName: firstName?.trim() ? firstName : null,
      lastName: lastName?.trim() ? lastName : null,
      provider: 'local',
      sessionsEpoch: 0,
      emailVerifiedAt: null,
      totpEnabledAt: null,
      createdAt: new Date(),
    });
  }

  async #refuseIfTaken({ emailNormalised, usernameNormalised }: Account): Promise<void> {
    const others = await this.dataSource.getRepository(Account).findBy([{ emailNormalised }, { usernameNormalised }]);
    const fields: UniqueField[] = [];
    if (others.some((other) => other.emailNormalised === emailNormalised)) fields.push('email');
    if (others.some((other) => other.usernameNormalised === usernameNormalised)) fields.push('username');
    if (fields.length > 0) throw taken(fields);
  }

  /** Null: the account is made, but gets no session before its address is confirmed. */
  async #storeUnlessTaken(account: Account, client: ClientDetails): Promise<AuthTokens | null> {
    try {
      return await this.dataSource.transaction(async (manager) => {
        await manager.getRepository(Account).insert(account);
        await announceUserRegistered(manager, account);
        await this.emailVerification.begin(manager, account);
        if (mustVerifyFirst(account, this.config)) {
          await this.sessionOpener.rememberRegistration(manager, account, client);
          return null;
        }
        return this.sessionOpener.openFirst(manager, account, client);
      });
    } catch (error) {
      const field = error instanceof QueryFailedError ? FIELD_OF_INDEX[String(error.driverError.constraint)] : undefined;
      throw field ? taken([field]) : error;
    }
  }

  async #find(userId: string): Promise<Account> {
    const account = await this.dataSource.getRepository(Account).findOneBy({ id: userId });
    if (!account) throw accountNotFound();
    return account;
  }
}
