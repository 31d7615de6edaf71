import type { FeedPayload } from '@chat/shared/contracts';

/** What is left of a message whose sender deleted the account: its place, its sender and its time. */
export function tombstoneOf(message: FeedPayload<'MessageCreated'>, deletedAt: string): FeedPayload<'MessageCreated'> {
  return { ...message, content: '', clientMessageId: null, deletedAt };
}
