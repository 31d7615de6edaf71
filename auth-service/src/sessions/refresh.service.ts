import { Inject, Injectable } from '@nestjs/common';
import type { AuthTokens } from '@chat/shared/contracts';
import { type Log, LOGGER } from '@chat/shared/observability';
import { DataSource, type EntityManager } from 'typeorm';
import { mustVerifyEmail } from '../accounts/account-rules.js';
import { Account } from '../accounts/account.entity.js';
import { emailNotVerified } from '../accounts/accounts.errors.js';
import { AuditLogService } from '../audit-log/audit-log.service.js';
import type { ClientDetails } from '../client/client-details.js';
import { AuthConfig } from '../config.js';
import { DerivedKeys } from '../secrets/derived-keys.js';
import { hashOf } from '../secrets/one-time-secrets.js';
import { decideRefresh, GRACE_SECONDS, type PresentedToken, successorOf } from './refresh-token-rules.js';
import { RefreshToken } from './refresh-token.entity.js';
import { RevocationPublisher } from './revocation-publisher.js';
import { lockSession, markRevoked } from './session-row.js';
import { SessionTokens } from './session-tokens.js';
import { Session } from './session.entity.js';
import { badRefreshToken } from './sessions.errors.js';

/** A refreshed session, with the refresh token to return. */
interface RefreshedSession {
  account: Account;
  session: Session;
  refreshToken: string;
}

@Injectable()
export class RefreshService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly config: AuthConfig,
    private readonly derivedKeys: DerivedKeys,
    private readonly tokens: SessionTokens,
    private readonly revocationPublisher: RevocationPublisher,
    private readonly auditLog: AuditLogService,
    @Inject(LOGGER) private readonly logger: Log,
  ) {}

  /** Issues the next tokens for a refresh token. A used token revokes its session, unless it only repeats a lost response. */
  async refresh(refreshToken: string, client: ClientDetails): Promise<AuthTokens> {
    const outcome = await this.dataSource.transaction((manager) => this.#rotate(manager, refreshToken, client));
    if ('refreshed' in outcome) {
      const { account, session, refreshToken: next } = outcome.refreshed;
      return this.tokens.issue(account, session.id, next);
    }
    if ('revoked' in outcome) {
      const { id: sessionId, userId } = outcome.revoked;
      this.logger.warn({ sessionId, userId }, 'refresh token reused: session revoked');
      await this.revocationPublisher.publish([outcome.revoked]);
    }
    throw badRefreshToken();
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
        return { revoked: await markRevoked(manager, session) };
      case 'refuse':
        return { refused: true };
    }
  }

  async #markUsed(manager: EntityManager, token: string, successor: string, session: Session, client: ClientDetails): Promise<void> {
    const now = new Date();
    session.lastUsedAt = now;
    session.expiresAt = this.tokens.expiryOf(now, session.createdAt);
    await manager.query('update refresh_tokens set spent_at = clock_timestamp() where hash = $1', [hashOf(token)]);
    await this.tokens.store(manager, successor, session);
    await manager.getRepository(Session).update(session.id, {
      lastUsedAt: session.lastUsedAt,
      expiresAt: session.expiresAt,
      // The details of the last use; a request without these headers does not change them.
      userAgent: client.userAgent ?? session.userAgent,
      ipAddress: client.ipAddress ?? session.ipAddress,
    });
  }
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
