import type { FeedPayload } from '@chat/shared/contracts';

/** What remains of a message of a deleted user: its position, its sender and its time. */
export function tombstoneOf(message: FeedPayload<'MessageCreated'>, deletedAt: string): FeedPayload<'MessageCreated'> {
  return { ...message, content: '', clientMessageId: null, deletedAt };
}
