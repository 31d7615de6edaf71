import { Injectable } from '@nestjs/common';
import type { ActiveSession, SessionCheck, SessionCheckRequest } from '@chat/shared/contracts';
import { Any, DataSource } from 'typeorm';
import { SigningKeysService } from '../signing-keys/signing-keys.service.js';
import { isActive } from './session-row.js';
import { Session } from './session.entity.js';

/** Tells the gateway which sockets have to be closed: a session or a key may have ended while it could not learn it in another way. */
@Injectable()
export class SessionCheckService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly signingKeys: SigningKeysService,
  ) {}

  async check({ sessionIds, keyIds }: SessionCheckRequest): Promise<SessionCheck> {
    const [active, withdrawnKeyIds] = await Promise.all([this.#active(sessionIds), this.signingKeys.withdrawnOf(keyIds)]);
    return { active, withdrawnKeyIds };
  }

  /** By the same rule as the list of sessions. */
  async #active(sessionIds: string[]): Promise<ActiveSession[]> {
    const sessions = this.dataSource.getRepository(Session);
    const found = await sessions.find({ select: { id: true, expiresAt: true }, where: { id: Any(sessionIds), ...isActive() } });
    const now = Date.now();
    return found.map(({ id, expiresAt }) => ({
      sessionId: id,
      expiresInSeconds: Math.max(0, Math.ceil((expiresAt.getTime() - now) / 1000)),
    }));
  }
}
