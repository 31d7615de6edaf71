import { Injectable } from '@nestjs/common';
import type { AuthenticatedUser } from '@chat/shared/auth';
import type { RevokedSessionCount, UserSession } from '@chat/shared/contracts';
import { DataSource } from 'typeorm';
import { AuditLogService } from '../audit-log/audit-log.service.js';
import type { ClientDetails } from '../client/client-details.js';
import { isActive } from './session-row.js';
import { Session } from './session.entity.js';
import { sessionNotFound } from './sessions.errors.js';
import { SessionsService } from './sessions.service.js';

const MAX_LISTED = 500;

/** Lists and revokes the sessions of the current user. */
@Injectable()
export class SessionListService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly sessions: SessionsService,
    private readonly auditLog: AuditLogService,
  ) {}

  async list(user: AuthenticatedUser): Promise<UserSession[]> {
    await this.sessions.requireActive(user);
    const open = await this.dataSource.getRepository(Session).find({
      where: { userId: user.userId, ...isActive() },
      order: { lastUsedAt: 'DESC', id: 'DESC' },
      take: MAX_LISTED,
    });
    return open.map(({ id, userAgent, ipAddress, createdAt, lastUsedAt }) => ({
      sessionId: id,
      current: id === user.sessionId,
      userAgent,
      ipAddress,
      createdAt: createdAt.toISOString(),
      lastUsedAt: lastUsedAt.toISOString(),
    }));
  }

  /**
   * Revoking another session requires a recent login, so that a stolen token cannot sign out the owner. Revoking the current session is a
   * logout. A session of another user has the same response as one that does not exist.
   */
  async revoke(user: AuthenticatedUser, sessionId: string, client: ClientDetails): Promise<void> {
    const { userId } = user;
    if (sessionId === user.sessionId) await this.sessions.requireActive(user);
    else await this.sessions.requireRecentLogin(user);
    const isOwn = await this.dataSource.getRepository(Session).existsBy({ id: sessionId, userId });
    if (!isOwn) throw sessionNotFound();
    const revoked = await this.dataSource.transaction(async (manager) => {
      const revoked = await this.sessions.revokeOne(manager, { userId, sessionId });
      if (revoked.length > 0) await this.auditLog.record(manager, { userId, type: 'session-revoked', client, sessionId });
      return revoked;
    });
    await this.sessions.publishRevocations(revoked);
  }

  async revokeOthers(user: AuthenticatedUser, client: ClientDetails): Promise<RevokedSessionCount> {
    await this.sessions.requireRecentLogin(user);
    const { userId, sessionId } = user;
    const revoked = await this.dataSource.transaction(async (manager) => {
      const revoked = await this.sessions.revokeAll(manager, userId, { except: sessionId });
      await this.auditLog.recordAll(
        manager,
        revoked.map(({ id }) => ({ userId, type: 'session-revoked', client, sessionId: id })),
      );
      return revoked;
    });
    await this.sessions.publishRevocations(revoked);
    return { revoked: revoked.length };
  }
}
