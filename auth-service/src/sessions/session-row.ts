import type { EntityManager } from 'typeorm';
import { Session } from './session.entity.js';

export function lockSession(manager: EntityManager, id: string): Promise<Session | null> {
  return manager.getRepository(Session).findOne({ where: { id }, lock: { mode: 'pessimistic_write' } });
}

/** For a session that `lockSession` has locked. */
export async function markRevoked(manager: EntityManager, session: Session): Promise<Session> {
  session.revokedAt = new Date();
  await manager.getRepository(Session).update(session.id, { revokedAt: session.revokedAt });
  return session;
}
