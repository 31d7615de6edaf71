import { Injectable } from '@nestjs/common';
import type { AuthenticatedUser } from '@chat/shared/auth';
import type { AuthTokens, ValidatedToken } from '@chat/shared/contracts';
import { newId } from '@chat/shared/database';
import { DataSource, type EntityManager } from 'typeorm';
import type { Account } from '../accounts/account.entity.js';
import type { ClientDetails } from '../client/client-details.js';
import { newSecret } from '../secrets/one-time-secrets.js';
import { RevocationPublisher, type RevokedSession } from './revocation-publisher.js';
import { revokeAllSessions } from './revoke-all-sessions.js';
import { isActive, lockSession, markRevoked } from './session-row.js';
import { SessionTokens } from './session-tokens.js';
import { Session } from './session.entity.js';
import { accountChangedDuringLogin, recentLoginRequired, sessionRevoked } from './sessions.errors.js';

const RECENT_LOGIN_MS = 10 * 60_000;

@Injectable()
export class SessionsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly tokens: SessionTokens,
    private readonly revocationPublisher: RevocationPublisher,
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
      expiresAt: this.tokens.expiryOf(now, now),
    };
    await manager.getRepository(Session).insert(session);
    const refreshToken = newSecret();
    await this.tokens.store(manager, refreshToken, session);
    return this.tokens.issue(account, session.id, refreshToken);
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
    return session && session.userId === userId && session.revokedAt === null ? [await markRevoked(manager, session)] : [];
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

  /** Reads the database, which has a revocation before any other service knows it, and the end of an expired session. */
  async requireActive({ sessionId, userId }: AuthenticatedUser): Promise<void> {
    const exists = await this.dataSource.getRepository(Session).existsBy({ id: sessionId, userId, ...isActive() });
    if (!exists) throw sessionRevoked();
  }

  /**
   * Requires that the session was created within the last ten minutes: before a change of the sign-in methods or a revocation of other
   * sessions, where no password can be requested. This protects against a user at an unlocked screen and against a stolen token. Refreshing
   * a session does not make it newer.
   */
  async requireRecentLogin({ sessionId, userId }: AuthenticatedUser, manager: EntityManager = this.dataSource.manager): Promise<void> {
    const session = await manager.getRepository(Session).findOneBy({ id: sessionId, userId, ...isActive() });
    if (!session) throw sessionRevoked();
    if (session.createdAt.getTime() < Date.now() - RECENT_LOGIN_MS) throw recentLoginRequired();
  }
}

/** This lock does not block other sign-ins, but `revokeAll`, which changes the row. */
async function requireSameEpoch(manager: EntityManager, account: Account): Promise<void> {
  const [stored] = await manager.query<{ epoch: number }[]>('select sessions_epoch as epoch from accounts where id = $1 for share', [
    account.id,
  ]);
  if (stored?.epoch !== account.sessionsEpoch) throw accountChangedDuringLogin();
}
