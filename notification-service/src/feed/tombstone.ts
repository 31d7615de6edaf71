import type { FeedMessage } from '@chat/shared/contracts';

/** What remains of a deleted message: its position, its sender and its time. */
export function tombstoneOf(
  { editedAt: _editedAt, reactions: _reactions, attachments: _attachments, ...message }: FeedMessage,
  deletedAt: string,
): FeedMessage {
  return { ...message, content: '', replyToId: null, mentions: [], deletedAt };
}

/** What remains of a message of a user that deleted the account. */
export function tombstoneOfDeletedUser(message: FeedMessage, deletedAt: string): FeedMessage {
  return { ...tombstoneOf(message, message.deletedAt ?? deletedAt), clientMessageId: null };
}
