import { Inject, Injectable } from '@nestjs/common';
import type { AuthenticatedUser } from '@chat/shared/auth';
import { type Log, LOGGER } from '@chat/shared/observability';
import type { AuthTokens, ValidatedToken } from '@chat/shared/contracts';
import { newId } from '@chat/shared/database';
import { DataSource, type EntityManager, IsNull } from 'typeorm';
import { mustEnrolInMfa, mustVerifyEmail } from '../accounts/account-rules.js';
import { toAccountView } from '../accounts/account-views.js';
import { Account } from '../accounts/account.entity.js';
import { emailNotVerified } from '../accounts/accounts.errors.js';
import { AuditLogService } from '../audit-log/audit-log.service.js';
import type { ClientDetails } from '../client/client-details.js';
import { AuthConfig } from '../config.js';
import { hashOf, newSecret } from '../secrets/one-time-secrets.js';
import { DerivedKeys } from '../secrets/derived-keys.js';
import { AccessTokenIssuer } from './access-token-issuer.js';
import { decideRefresh, GRACE_SECONDS, type PresentedToken, successorOf } from './refresh-token-rules.js';
import { RefreshToken } from './refresh-token.entity.js';
import { RevocationPublisher, type RevokedSession } from './revocation-publisher.js';
import { revokeAllSessions } from './revoke-all-sessions.js';
import { Session } from './session.entity.js';
import { accountChangedDuringLogin, badRefreshToken, recentLoginRequired, sessionRevoked } from './sessions.errors.js';

const RECENT_LOGIN_MS = 10 * 60_000;

/** A refreshed session, with the refresh token to return. */
interface RefreshedSession {
  account: Account;
  session: Session;
  refreshToken: string;
}

@Injectable()
export class SessionsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly config: AuthConfig,
    private readonly derivedKeys: DerivedKeys,
    private readonly accessTokens: AccessTokenIssuer,
    private readonly revocationPublisher: RevocationPublisher,
    private readonly auditLog: AuditLogService,
    @Inject(LOGGER) private readonly logger: Log,
  ) {}

  /**
   * Creates a session in the transaction of `manager`. `account` was read before the first factor was checked: if all its sessions were
   * revoked since then (by a new password, for example), the sign-in is refused.
   */
  async create(manager: EntityManager, account: Account, client: ClientDetails, sessionId = newId()): Promise<AuthTokens> {
    await requireSameEpoch(manager, account);
    const now = new Date();
    const { userAgent, ipAddress } = client;
    const session = {
      id: sessionId,
      userId: account.id,
      userAgent,
      ipAddress,
      createdAt: now,
      lastUsedAt: now,
      expiresAt: this.#refreshExpiry(now, now),
    };
    await manager.getRepository(Session).insert(session);
    const refreshToken = newSecret();
    await this.#store(manager, refreshToken, session);
    return this.#tokens(account, session.id, refreshToken);
  }

  /** Issues the next tokens for a refresh token. A used token revokes its session, unless it only repeats a lost response. */
  async refresh(refreshToken: string, client: ClientDetails): Promise<AuthTokens> {
    const outcome = await this.dataSource.transaction((manager) => this.#rotate(manager, refreshToken, client));
    if ('refreshed' in outcome) {
      const { account, session, refreshToken: next } = outcome.refreshed;
      return this.#tokens(account, session.id, next);
    }
    if ('revoked' in outcome) {
      const { id: sessionId, userId } = outcome.revoked;
      this.logger.warn({ sessionId, userId }, 'refresh token reused: session revoked');
      await this.revocationPublisher.publish([outcome.revoked]);
    }
    throw badRefreshToken();
  }

  /** Revokes the current session. */
  async logout(user: AuthenticatedUser): Promise<void> {
    await this.publishRevocations(await this.dataSource.transaction((manager) => this.revokeOne(manager, user)));
  }

  /**
   * Revokes one session of the user, in the transaction of `manager`. Does nothing if there is no such session or it is revoked already.
   */
  async revokeOne(manager: EntityManager, { userId, sessionId }: { userId: string; sessionId: string }): Promise<RevokedSession[]> {
    const session = await lockSession(manager, sessionId);
    return session && session.userId === userId && session.revokedAt === null ? [await this.#markRevoked(manager, session)] : [];
  }

  /**
   * Revokes every session of the user but `except`, and ends every sign-in that is in progress, in the transaction of `manager`. Pass the
   * result to `publishRevocations` after the commit: only then do other services refuse the tokens and close open sockets.
   */
  revokeAll(manager: EntityManager, userId: string, { except }: { except?: string } = {}): Promise<RevokedSession[]> {
    return revokeAllSessions(manager, [userId], except);
  }

  /** Publishes revoked sessions, after the commit. Never rejects: a failure leaves them pending. */
  async publishRevocations(revoked: RevokedSession[]): Promise<void> {
    if (revoked.length > 0) await this.revocationPublisher.publish(revoked);
  }

  async validate(user: AuthenticatedUser): Promise<ValidatedToken> {
    await this.requireActive(user);
    return { userId: user.userId, sessionId: user.sessionId };
  }

  /** Reads the database, which has a revocation before any other service knows it. */
  async requireActive({ sessionId, userId }: AuthenticatedUser): Promise<void> {
    const isActive = await this.dataSource.getRepository(Session).existsBy({ id: sessionId, userId, revokedAt: IsNull() });
    if (!isActive) throw sessionRevoked();
  }

  /**
   * Requires that the session was created within the last ten minutes: before a change of the sign-in methods or a revocation of other
   * sessions, where no password can be requested. This protects against a user at an unlocked screen and against a stolen token. Refreshing
   * a session does not make it newer.
   */
  async requireRecentLogin({ sessionId, userId }: AuthenticatedUser): Promise<void> {
    const session = await this.dataSource.getRepository(Session).findOneBy({ id: sessionId, userId, revokedAt: IsNull() });
    if (!session) throw sessionRevoked();
    if (session.createdAt.getTime() < Date.now() - RECENT_LOGIN_MS) throw recentLoginRequired();
  }

  /** The row of the session is locked first, so that of two concurrent requests with the same token, the second one finds it used. */
  async #rotate(
    manager: EntityManager,
    token: string,
    client: ClientDetails,
  ): Promise<{ refreshed: RefreshedSession } | { revoked: Session } | { refused: true }> {
    const stored = await manager.getRepository(RefreshToken).findOneBy({ hash: hashOf(token) });
    const session = stored && (await lockSession(manager, stored.sessionId));
    if (!session) return { refused: true };
    const successor = successorOf(token, this.derivedKeys.refreshTokenSuccession);
    const presented = await findPresented(manager, token, successor, session, this.config.sessionMaxSeconds);
    const decision = presented ? decideRefresh(presented) : 'refuse';
    switch (decision) {
      case 'rotate':
      case 'repeat': {
        const account = await manager.getRepository(Account).findOneBy({ id: session.userId });
        if (!account) return { refused: true };
        // Before the token is used: its user continues with it once the address is confirmed.
        if (mustVerifyEmail(account, this.config)) throw emailNotVerified();
        if (decision === 'rotate') await this.#markUsed(manager, token, successor, session, client);
        return { refreshed: { account, session, refreshToken: successor } };
      }
      case 'revoke':
        await this.auditLog.record(manager, { userId: session.userId, type: 'refresh-token-reused', client, sessionId: session.id });
        return { revoked: await this.#markRevoked(manager, session) };
      case 'refuse':
        return { refused: true };
    }
  }

  async #markUsed(manager: EntityManager, token: string, successor: string, session: Session, client: ClientDetails): Promise<void> {
    const now = new Date();
    session.lastUsedAt = now;
    session.expiresAt = this.#refreshExpiry(now, session.createdAt);
    await manager.query('update refresh_tokens set spent_at = clock_timestamp() where hash = $1', [hashOf(token)]);
    await this.#store(manager, successor, session);
    await manager.getRepository(Session).update(session.id, {
      lastUsedAt: session.lastUsedAt,
      expiresAt: session.expiresAt,
      // The details of the last use; a request without these headers does not change them.
      userAgent: client.userAgent ?? session.userAgent,
      ipAddress: client.ipAddress ?? session.ipAddress,
    });
  }

  async #markRevoked(manager: EntityManager, session: Session): Promise<Session> {
    session.revokedAt = new Date();
    await manager.getRepository(Session).update(session.id, { revokedAt: session.revokedAt });
    return session;
  }

  async #store(manager: EntityManager, token: string, { id, expiresAt }: { id: string; expiresAt: Date }): Promise<void> {
    await manager.getRepository(RefreshToken).insert({ hash: hashOf(token), sessionId: id, expiresAt });
  }

  async #tokens(account: Account, sessionId: string, refreshToken: string): Promise<AuthTokens> {
    const forMfaEnrolment = mustEnrolInMfa(account, this.config);
    return {
      accessToken: await this.accessTokens.issue(account.id, sessionId, { forMfaEnrolment }),
      refreshToken,
      expiresInSeconds: this.config.accessTokenSeconds,
      user: toAccountView(account),
    };
  }

  /** A session never outlives its maximum lifetime, however often it is refreshed. */
  #refreshExpiry(now: Date, startedAt: Date): Date {
    const { refreshTokenSeconds, sessionMaxSeconds } = this.config;
    return new Date(Math.min(now.getTime() + refreshTokenSeconds * 1000, startedAt.getTime() + sessionMaxSeconds * 1000));
  }
}

/** This lock does not block other sign-ins, but `revokeAll`, which changes the row. */
async function requireSameEpoch(manager: EntityManager, account: Account): Promise<void> {
  const [stored] = await manager.query<{ epoch: number }[]>('select sessions_epoch as epoch from accounts where id = $1 for share', [
    account.id,
  ]);
  if (stored?.epoch !== account.sessionsEpoch) throw accountChangedDuringLogin();
}

function lockSession(manager: EntityManager, id: string): Promise<Session | null> {
  return manager.getRepository(Session).findOne({ where: { id }, lock: { mode: 'pessimistic_write' } });
}

/**
 * A separate statement after the lock: only this way does it see the changes of the transaction that held the lock before. Times are
 * compared by the clock of the database.
 */
async function findPresented(
  manager: EntityManager,
  token: string,
  successor: string,
  session: Session,
  sessionMaxSeconds: number,
): Promise<PresentedToken | null> {
  const [row] = await manager.query<Omit<PresentedToken, 'sessionRevoked'>[]>(
    `select least(t.expires_at, $4::timestamptz + make_interval(secs => $5)) <= clock_timestamp() as expired,
            t.spent_at is not null as spent,
            coalesce(t.spent_at > clock_timestamp() - make_interval(secs => $3), false) as "spentJustNow",
            next.hash is not null and next.spent_at is null as "successorUnused"
       from refresh_tokens t left join refresh_tokens next on next.hash = $2
      where t.hash = $1`,
    [hashOf(token), hashOf(successor), GRACE_SECONDS, session.createdAt, sessionMaxSeconds],
  );
  return row ? { ...row, sessionRevoked: session.revokedAt !== null } : null;
}
