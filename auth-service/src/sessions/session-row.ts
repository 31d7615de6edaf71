import { type EntityManager, type FindOptionsWhere, IsNull, MoreThan } from 'typeorm';
import { Session } from './session.entity.js';

/** Of a session that is active: it is not revoked, and has expired neither for lack of use nor by its maximum lifetime. */
export function isActive(): FindOptionsWhere<Session> {
  return { revokedAt: IsNull(), expiresAt: MoreThan(new Date()) };
}

export function lockSession(manager: EntityManager, id: string): Promise<Session | null> {
  return manager.getRepository(Session).findOne({ where: { id }, lock: { mode: 'pessimistic_write' } });
}

/** For a session that `lockSession` has locked. */
export async function markRevoked(manager: EntityManager, session: Session): Promise<Session> {
  session.revokedAt = new Date();
  await manager.getRepository(Session).update(session.id, { revokedAt: session.revokedAt });
  return session;
}
