import { Inject, Injectable } from '@nestjs/common';
import type { AuthenticatedUser } from '@chat/shared/auth';
import { LOGGER, type Log } from '@chat/shared/observability';
import { appendToOutbox, OutboxRelay } from '@chat/shared/outbox';
import { DataSource, type EntityManager } from 'typeorm';
import { Account } from '../accounts/account.entity.js';
import { lockAccount } from '../accounts/lock-account.js';
import { AuthConfig } from '../config.js';
import { PasswordsService } from '../passwords/passwords.service.js';
import type { ClientDetails } from '../client/client-details.js';
import type { RevokedSession } from '../sessions/revocation-publisher.js';
import { sessionRevoked } from '../sessions/sessions.errors.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { throttleKeysForSession } from '../login-throttle/throttle-keys.js';
import { LoginThrottle } from '../login-throttle/login-throttle.js';
import { passwordNeeded, wrongPassword } from './registration.errors.js';

/** Added to the lifetime of access tokens, because clocks differ. */
const KEPT_LONGER_SECONDS = 120;

/**
 * Deletes an account. The data of auth-service is deleted in the transaction that writes UserDeleted to the outbox; the other services
 * delete theirs when they consume the event. E-mail address and user name are free at once, for another account with another id.
 *
 * Only the sessions stay, without data about their owner, until the last access token has expired: they are revoked, and published again if
 * Redis loses its data.
 */
@Injectable()
export class AccountDeletionService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly config: AuthConfig,
    private readonly passwords: PasswordsService,
    private readonly throttle: LoginThrottle,
    private readonly sessions: SessionsService,
    private readonly outboxRelay: OutboxRelay,
    @Inject(LOGGER) private readonly logger: Log,
  ) {}

  async delete(user: AuthenticatedUser, password: string | undefined, client: ClientDetails): Promise<void> {
    await this.sessions.requireActive(user);
    const account = await this.dataSource.getRepository(Account).findOneBy({ id: user.userId });
    if (!account) throw sessionRevoked();
    await this.#requireOwner(user, account, password, client);
    const revoked = await this.dataSource.transaction((manager) => this.#delete(manager, account));
    this.outboxRelay.wake();
    await this.sessions.publishRevocations(revoked);
    this.logger.info({ userId: account.id, sessions: revoked.length }, 'account deleted');
  }

  async #requireOwner(
    user: AuthenticatedUser,
    { passwordHash }: Account,
    password: string | undefined,
    client: ClientDetails,
  ): Promise<void> {
    if (passwordHash === null) return this.sessions.requireRecentLogin(user);
    if (password === undefined) throw passwordNeeded();
    const check = () => this.passwords.matches(password, passwordHash, client);
    if (!(await this.throttle.run(throttleKeysForSession(user.sessionId), check))) throw wrongPassword();
  }

  async #delete(manager: EntityManager, { id: userId, emailNormalised, passwordHash }: Account): Promise<RevokedSession[]> {
    const account = await lockAccount(manager, userId);
    if (!account) throw sessionRevoked();
    // The password was changed since the account was read, so the given one is outdated.
    if (account.passwordHash !== passwordHash) throw wrongPassword();
    await manager.query('delete from mail_requests where email_normalised = $1', [emailNormalised]);
    // Before their refresh tokens: a concurrent refresh holds the lock of its session, and its result is seen below.
    const revoked = await this.sessions.revokeAll(manager, userId);
    await manager.query('delete from refresh_tokens where session_id in (select id from sessions where user_id = $1)', [userId]);
    await manager.query(
      `update sessions set user_agent = null, ip_address = null, expires_at = now() + make_interval(secs => $2) where user_id = $1`,
      [userId, this.config.accessTokenSeconds + KEPT_LONGER_SECONDS],
    );
    const deletedAt = new Date().toISOString();
    await appendToOutbox(manager, { type: 'UserDeleted', key: userId, payload: { userId, deletedAt } });
    // All other rows of the account are deleted by cascade.
    await manager.getRepository(Account).delete(userId);
    return revoked;
  }
}
