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

const FRESH_MS = 10 * 60_000;

/** A session that goes on, with the refresh token to go on with. */
interface Continued {
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
   * Signs in: a new session, in the caller's transaction. The account is the one that was read before its owner was asked for proof: when
   * all its sessions were ended since then (a new password, say), what was proven counts no more.
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

  /** Gives the next pair of tokens for a refresh token. A spent one ends its session, unless it is only an answer that got lost. */
  async refresh(refreshToken: string, client: ClientDetails): Promise<AuthTokens> {
    const outcome = await this.dataSource.transaction((manager) => this.#rotate(manager, refreshToken, client));
    if ('continued' in outcome) {
      const { account, session, refreshToken: next } = outcome.continued;
      return this.#tokens(account, session.id, next);
    }
    if ('revoked' in outcome) {
      const { id: sessionId, userId } = outcome.revoked;
      this.logger.warn({ sessionId, userId }, 'a refresh token was used again, its session is revoked');
      await this.revocationPublisher.publish([outcome.revoked]);
    }
    throw badRefreshToken();
  }

  /** Signs out: the caller's session, and nothing else. */
  async logout(user: AuthenticatedUser): Promise<void> {
    await this.publishRevocations(await this.dataSource.transaction((manager) => this.revokeOne(manager, user)));
  }

  /** Ends one session of the user, in the caller's transaction. Without such a session, or when it has ended already, nothing happens. */
  async revokeOne(manager: EntityManager, { userId, sessionId }: { userId: string; sessionId: string }): Promise<RevokedSession[]> {
    const session = await lockSession(manager, sessionId);
    return session && session.userId === userId && session.revokedAt === null ? [await this.#markRevoked(manager, session)] : [];
  }

  /**
   * Ends every session of the user but `except`, and every sign-in that is under way, in the caller's transaction. What it returns is for
   * `announce`, after the commit: only then do open sockets and the other services hear of it.
   */
  revokeAll(manager: EntityManager, userId: string, { except }: { except?: string } = {}): Promise<RevokedSession[]> {
    return revokeAllSessions(manager, [userId], except);
  }

  /** Tells everybody of sessions that have ended, after the commit. Never rejects: what fails here is made up for. */
  async publishRevocations(revoked: RevokedSession[]): Promise<void> {
    if (revoked.length > 0) await this.revocationPublisher.publish(revoked);
  }

  async validate(user: AuthenticatedUser): Promise<ValidatedToken> {
    await this.requireActive(user);
    return { userId: user.userId, sessionId: user.sessionId };
  }

  /** Asks the database, which knows of a revocation before anybody is told. */
  async requireActive({ sessionId, userId }: AuthenticatedUser): Promise<void> {
    const isLive = await this.dataSource.getRepository(Session).existsBy({ id: sessionId, userId, revokedAt: IsNull() });
    if (!isLive) throw sessionRevoked();
  }

  /**
   * Before the ways into an account are changed, its other sessions are ended, and where it cannot be asked for a password: whoever has
   * signed in a moment ago is the owner, and not somebody at a screen left open or with a stolen token. Refreshing a session does not make
   * it younger.
   */
  async requireRecentLogin({ sessionId, userId }: AuthenticatedUser): Promise<void> {
    const session = await this.dataSource.getRepository(Session).findOneBy({ id: sessionId, userId, revokedAt: IsNull() });
    if (!session) throw sessionRevoked();
    if (session.createdAt.getTime() < Date.now() - FRESH_MS) throw recentLoginRequired();
  }

  /** The session's row is locked first, so that of two that come with the same token one finds it spent by the other. */
  async #rotate(
    manager: EntityManager,
    token: string,
    client: ClientDetails,
  ): Promise<{ continued: Continued } | { revoked: Session } | { refused: true }> {
    const stored = await manager.getRepository(RefreshToken).findOneBy({ hash: hashOf(token) });
    const session = stored && (await lockSession(manager, stored.sessionId));
    if (!session) return { refused: true };
    const successor = successorOf(token, this.derivedKeys.refreshTokenSuccession);
    const presented = await lookUp(manager, token, successor, session, this.config.sessionMaxSeconds);
    const decision = presented ? decideRefresh(presented) : 'refuse';
    switch (decision) {
      case 'rotate':
      case 'repeat': {
        const account = await manager.getRepository(Account).findOneBy({ id: session.userId });
        if (!account) return { refused: true };
        // Before the token is spent: its owner is to go on with it once the address is confirmed.
        if (mustVerifyEmail(account, this.config)) throw emailNotVerified();
        if (decision === 'rotate') await this.#spend(manager, token, successor, session, client);
        return { continued: { account, session, refreshToken: successor } };
      }
      case 'revoke':
        await this.auditLog.record(manager, { userId: session.userId, type: 'refresh-token-reused', client, sessionId: session.id });
        return { revoked: await this.#markRevoked(manager, session) };
      case 'refuse':
        return { refused: true };
    }
  }

  async #spend(manager: EntityManager, token: string, successor: string, session: Session, client: ClientDetails): Promise<void> {
    const now = new Date();
    session.lastUsedAt = now;
    session.expiresAt = this.#refreshExpiry(now, session.createdAt);
    await manager.query('update refresh_tokens set spent_at = clock_timestamp() where hash = $1', [hashOf(token)]);
    await this.#store(manager, successor, session);
    await manager.getRepository(Session).update(session.id, {
      lastUsedAt: session.lastUsedAt,
      expiresAt: session.expiresAt,
      // Where and with what it was used last; who sends nothing changes nothing.
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

  /** However often it is refreshed, a session does not outlive its longest life. */
  #refreshExpiry(now: Date, startedAt: Date): Date {
    const { refreshTokenSeconds, sessionMaxSeconds } = this.config;
    return new Date(Math.min(now.getTime() + refreshTokenSeconds * 1000, startedAt.getTime() + sessionMaxSeconds * 1000));
  }
}

/** Shared with other sign-ins, but not with `revokeAll`, which changes the row. */
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
 * A statement of its own, after the lock: only so it sees what the one who held the lock before has done. Times are compared on the
 * database's clock.
 */
async function lookUp(
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
