import { appendToOutbox } from '@chat/shared/outbox';
import type { EntityManager } from 'typeorm';

/** Has the owner told of a sign-in that may be somebody else's, in the transaction that opens the session. */
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
