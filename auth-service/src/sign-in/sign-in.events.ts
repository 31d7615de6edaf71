import { appendToOutbox } from '@chat/shared/outbox';
import type { EntityManager } from 'typeorm';

/**
 * Writes SignedInFromNewDevice in the transaction that creates the session, so that the owner is notified of a sign-in that may be an
 * attack.
 */
export async function publishSignedInFromNewDevice(
  manager: EntityManager,
  { userId, sessionId, signedInAt }: { userId: string; sessionId: string; signedInAt: Date },
): Promise<void> {
  await appendToOutbox(manager, {
    type: 'SignedInFromNewDevice',
    key: userId,
    payload: { userId, sessionId, signedInAt: signedInAt.toISOString() },
  });
}
