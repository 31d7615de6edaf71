import { type FeedEventType, type FeedMessage, type FeedMessageType, shownReactions } from '@chat/shared/contracts';
import type { ReceivedEvent } from '@chat/shared/consumer';
import { tombstoneOf, tombstoneOfDeletedUser } from './tombstone.js';

type FeedRecord = ReceivedEvent<FeedEventType>;
type MessageRecord = ReceivedEvent<FeedMessageType>;

/** The message of an event as clients receive it; null for an event of another kind. */
export function messageOf(record: FeedRecord): FeedMessage | null {
  if (!isMessageRecord(record)) return null;
  if (record.type === 'MessageCreated') return withAttachments(record.payload, record.payload.attachments);
  const { messageId, conversationId, seq, senderId, receiverId, clientMessageId, createdAt } = record.payload;
  const identity = { messageId, conversationId, seq, senderId, receiverId, clientMessageId, createdAt };
  if (record.type === 'MessageDeleted')
    return tombstoneOf({ ...identity, content: '', replyToId: null, mentions: [] }, record.payload.deletedAt);
  const { content, replyToId, mentions, editedAt, reactions, attachments } = record.payload;
  return withAttachments({ ...identity, content, replyToId, mentions, editedAt, reactions: shownReactions(reactions) }, attachments);
}

/** Most messages have none: then the payload that is stored and delivered does not have the field. */
function withAttachments(message: FeedMessage, attachments: NonNullable<FeedMessage['attachments']>): FeedMessage {
  return { ...message, attachments: attachments.length === 0 ? undefined : attachments };
}

/** Whether an event changes a message: then the message as it is from now on is stored apart from the event. */
export function isChange({ type }: FeedRecord): boolean {
  return type === 'MessageUpdated' || type === 'MessageDeleted' || type === 'ReactionsChanged';
}

/** The users that a message mentions, and those that it shows to have reacted to it. */
export function othersIn({ mentions, reactions = [] }: FeedMessage): string[] {
  return [...mentions, ...reactions.flatMap(({ userIds }) => userIds)];
}

/** The message without anything of these users, who deleted their accounts at these times; the same object if it has nothing of them. */
export function withoutUsers(message: FeedMessage, deletedAt: ReadonlyMap<string, string>): FeedMessage {
  const senderDeletedAt = deletedAt.get(message.senderId);
  if (senderDeletedAt !== undefined) return tombstoneOfDeletedUser(message, new Date(senderDeletedAt).toISOString());
  if (!othersIn(message).some((userId) => deletedAt.has(userId))) return message;
  const isLeft = (userId: string) => !deletedAt.has(userId);
  const reactions = shownReactions(message.reactions ?? []).map(({ emoji, userIds, count }) => {
    const left = userIds.filter(isLeft);
    return { emoji, count: count - (userIds.length - left.length), userIds: left };
  });
  return {
    ...message,
    mentions: message.mentions.filter(isLeft),
    ...(message.reactions ? { reactions: reactions.filter(({ count }) => count > 0) } : {}),
  };
}

function isMessageRecord(record: FeedRecord): record is MessageRecord {
  return record.type === 'MessageCreated' || isChange(record);
}
