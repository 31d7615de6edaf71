import { Injectable } from '@nestjs/common';
import type { AuthenticatedUser } from '@chat/shared/auth';
import type { RevokedSessionCount, UserSession } from '@chat/shared/contracts';
import { DataSource, IsNull, MoreThan } from 'typeorm';
import { SecurityEventsService } from '../security-events/security-events.service.js';
import type { ClientDetails } from './client-details.js';
import { Session } from './session.entity.js';
import { sessionNotFound } from './sessions.errors.js';
import { SessionsService } from './sessions.service.js';

const MAX_LISTED = 500;

/** What a person may see of their sessions, and end. */
@Injectable()
export class OpenSessionsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly sessions: SessionsService,
    private readonly securityEvents: SecurityEventsService,
  ) {}

  async list(caller: AuthenticatedUser): Promise<UserSession[]> {
    await this.sessions.requireLive(caller);
    const open = await this.dataSource.getRepository(Session).find({
      where: { userId: caller.userId, revokedAt: IsNull(), expiresAt: MoreThan(new Date()) },
      order: { lastUsedAt: 'DESC', id: 'DESC' },
      take: MAX_LISTED,
    });
    return open.map(({ id, userAgent, ipAddress, createdAt, lastUsedAt }) => ({
      sessionId: id,
      current: id === caller.sessionId,
      userAgent,
      ipAddress,
      createdAt: createdAt.toISOString(),
      lastUsedAt: lastUsedAt.toISOString(),
    }));
  }

  /**
   * Ending another session than the own one needs a fresh sign-in: a stolen token is not to put its owner out. The own one is a logout.
   * Another's session is as unknown as one that never was.
   */
  async revoke(caller: AuthenticatedUser, sessionId: string, client: ClientDetails): Promise<void> {
    const { userId } = caller;
    if (sessionId === caller.sessionId) await this.sessions.requireLive(caller);
    else await this.sessions.requireFresh(caller);
    const isOwn = await this.dataSource.getRepository(Session).existsBy({ id: sessionId, userId });
    if (!isOwn) throw sessionNotFound();
    const ended = await this.dataSource.transaction(async (manager) => {
      const revoked = await this.sessions.revokeOne(manager, { userId, sessionId });
      if (revoked.length > 0) await this.securityEvents.record(manager, { userId, type: 'session-revoked', client, sessionId });
      return revoked;
    });
    await this.sessions.announce(ended);
  }

  async revokeOthers(caller: AuthenticatedUser, client: ClientDetails): Promise<RevokedSessionCount> {
    await this.sessions.requireFresh(caller);
    const { userId, sessionId } = caller;
    const ended = await this.dataSource.transaction(async (manager) => {
      const revoked = await this.sessions.revokeAll(manager, userId, { except: sessionId });
      for (const { id } of revoked) await this.securityEvents.record(manager, { userId, type: 'session-revoked', client, sessionId: id });
      return revoked;
    });
    await this.sessions.announce(ended);
    return { revoked: ended.length };
  }
}
