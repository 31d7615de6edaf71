import { Inject, Injectable } from '@nestjs/common';
import type { AuthenticatedUser } from '@chat/shared/auth';
import { LOGGER, type Log } from '@chat/shared/observability';
import { appendToOutbox, OutboxRelay } from '@chat/shared/outbox';
import { DataSource, type EntityManager } from 'typeorm';
import { Account } from '../accounts/account.entity.js';
import { lockAccount } from '../accounts/lock-account.js';
import { AuthConfig } from '../config.js';
import { PasswordsService } from '../passwords/passwords.service.js';
import type { EndedSession } from '../sessions/revocation-announcer.js';
import { sessionEnded } from '../sessions/sessions.errors.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { lanesOfSession } from '../sign-in-pace/lanes.js';
import { SignInPace } from '../sign-in-pace/sign-in-pace.js';
import { passwordNeeded, wrongPassword } from './account-deletion.errors.js';

/** Added to the life of access tokens, for clocks that differ. */
const KEPT_LONGER_SECONDS = 120;

/**
 * Deletes an account. What auth-service has of the person goes in the transaction that announces UserDeleted; the other services clear
 * their parts when they hear of it. E-mail address and user name are free at once, for another account with another id.
 *
 * The sessions alone stay until the last access token has run out, without anything about their owner: revoked, so that the other services
 * are told again should Redis lose its data.
 */
@Injectable()
export class AccountDeletionService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly config: AuthConfig,
    private readonly passwords: PasswordsService,
    private readonly pace: SignInPace,
    private readonly sessions: SessionsService,
    private readonly outboxRelay: OutboxRelay,
    @Inject(LOGGER) private readonly logger: Log,
  ) {}

  async delete(caller: AuthenticatedUser, password: string | undefined): Promise<void> {
    await this.sessions.requireLive(caller);
    const account = await this.dataSource.getRepository(Account).findOneBy({ id: caller.userId });
    if (!account) throw sessionEnded();
    await this.#requireOwner(caller, account, password);
    const ended = await this.dataSource.transaction((manager) => this.#delete(manager, account));
    this.outboxRelay.wake();
    await this.sessions.announce(ended);
    this.logger.info({ userId: account.id, sessions: ended.length }, 'account deleted');
  }

  async #requireOwner(caller: AuthenticatedUser, { passwordHash }: Account, password: string | undefined): Promise<void> {
    if (passwordHash === null) return this.sessions.requireFresh(caller);
    if (password === undefined) throw passwordNeeded();
    const check = () => this.passwords.fits(password, passwordHash);
    if (!(await this.pace.inTurn(lanesOfSession(caller.sessionId), check))) throw wrongPassword();
  }

  async #delete(manager: EntityManager, { id: userId, emailNormalised, passwordHash }: Account): Promise<EndedSession[]> {
    const account = await lockAccount(manager, userId);
    if (!account) throw sessionEnded();
    // Somebody changed it while it was looked at: what was given is not the password any more.
    if (account.passwordHash !== passwordHash) throw wrongPassword();
    await manager.query('delete from mail_requests where email_normalised = $1', [emailNormalised]);
    // Before what belongs to them: a refresh that is under way has the lock of its session, and what it does is seen below.
    const ended = await this.sessions.revokeAll(manager, userId);
    await manager.query('delete from refresh_tokens where session_id in (select id from sessions where user_id = $1)', [userId]);
    await manager.query(
      `update sessions set user_agent = null, ip_address = null, expires_at = now() + make_interval(secs => $2) where user_id = $1`,
      [userId, this.config.accessTokenSeconds + KEPT_LONGER_SECONDS],
    );
    const deletedAt = new Date().toISOString();
    await appendToOutbox(manager, { type: 'UserDeleted', key: userId, payload: { userId, deletedAt } });
    // Everything else of the account refers to it and goes with it.
    await manager.getRepository(Account).delete(userId);
    return ended;
  }
}
