import { appendToOutbox } from '@chat/shared/outbox';
import type { EntityManager } from 'typeorm';

/**
 * Writes SignedInFromNewDevice in the transaction that creates the session: the owner is notified, as another person may have signed in.
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
