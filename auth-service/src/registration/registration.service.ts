import { Injectable } from '@nestjs/common';
import type { AuthTokens, RegisterRequest } from '@chat/shared/contracts';
import { newId } from '@chat/shared/database';
import { OutboxRelay } from '@chat/shared/outbox';
import { DataSource, QueryFailedError } from 'typeorm';
import { AuthConfig } from '../config.js';
import { emailNotVerified } from '../accounts/accounts.errors.js';
import { VerificationMails } from '../mail/verification-mails.js';
import { mustVerifyEmail } from '../accounts/account-rules.js';
import { PasswordsService } from '../passwords/passwords.service.js';
import type { ClientDetails } from '../client/client-details.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { SessionIssuer } from '../sign-in/session-issuer.js';
import { normaliseEmail, normaliseUsername } from '../accounts/account-names.js';
import { Account } from '../accounts/account.entity.js';
import { fieldsTaken, type UniqueField } from './registration.errors.js';
import { publishUserRegistered } from '../accounts/accounts.events.js';

/** The unique indexes of the table. */
const FIELD_OF_INDEX: Record<string, UniqueField> = {
  accounts_email_normalised_key: 'email',
  accounts_username_normalised_key: 'username',
};

@Injectable()
export class RegistrationService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly passwords: PasswordsService,
    private readonly sessions: SessionsService,
    private readonly sessionIssuer: SessionIssuer,
    private readonly verificationMails: VerificationMails,
    private readonly config: AuthConfig,
    private readonly outboxRelay: OutboxRelay,
  ) {}

  /**
   * Creates an account and its first session. Account, session, event and the request for a mail are stored together or not at all.
   *
   * Where an account gets no session before its address is confirmed, a registration with a taken address has the same answer after the same
   * work, and the owner of the address gets a mail. User names are public, so a taken one is named in any case.
   */
  async register(request: RegisterRequest, client: ClientDetails): Promise<AuthTokens> {
    const account = this.#newAccount(request);
    const hidesTakenEmail = mustVerifyEmail(account, this.config);
    // This first check avoids hashing for a taken name. The unique indexes below decide.
    const taken = await this.#takenFields(account);
    const told = hidesTakenEmail ? taken.filter((field) => field !== 'email') : taken;
    if (told.length > 0) throw fieldsTaken(told);
    account.passwordHash = await this.passwords.hash(request.password, request, client);
    const result = taken.length > 0 ? taken[0]! : await this.#store(account, client);
    if (result === 'username' || (result === 'email' && !hidesTakenEmail)) throw fieldsTaken([result]);
    if (result === 'email') await this.verificationMails.requestRefusal(account.emailNormalised, client);
    else this.outboxRelay.wake();
    this.verificationMails.sendSoon();
    if (result === null || result === 'email') throw emailNotVerified();
    return result;
  }

  #newAccount({ email, username, firstName, lastName }: RegisterRequest): Account {
    return this.dataSource.getRepository(Account).create({
      id: newId(),
      email,
      emailNormalised: normaliseEmail(email),
      username,
      usernameNormalised: normaliseUsername(username),
      firstName: firstName || null,
      lastName: lastName || null,
      provider: 'local',
      sessionsEpoch: 0,
      emailVerifiedAt: null,
      totpEnabledAt: null,
      createdAt: new Date(),
    });
  }

  async #takenFields({ emailNormalised, usernameNormalised }: Account): Promise<UniqueField[]> {
    const others = await this.dataSource.getRepository(Account).findBy([{ emailNormalised }, { usernameNormalised }]);
    const fields: UniqueField[] = [];
    if (others.some((other) => other.emailNormalised === emailNormalised)) fields.push('email');
    if (others.some((other) => other.usernameNormalised === usernameNormalised)) fields.push('username');
    return fields;
  }

  /** Null: the account is created, but gets no session before its address is confirmed. A field: it is taken, and nothing is stored. */
  async #store(account: Account, client: ClientDetails): Promise<AuthTokens | UniqueField | null> {
    try {
      return await this.dataSource.transaction(async (manager) => {
        await manager.getRepository(Account).insert(account);
        await publishUserRegistered(manager, account);
        await this.verificationMails.requestFirst(manager, account, client);
        if (mustVerifyEmail(account, this.config)) {
          await this.sessionIssuer.recordRegistration(manager, account, client);
          return null;
        }
        return this.sessionIssuer.issueFirst(manager, account, client);
      });
    } catch (error) {
      const field = error instanceof QueryFailedError ? FIELD_OF_INDEX[String(error.driverError.constraint)] : undefined;
      if (field) return field;
      throw error;
    }
  }
}
