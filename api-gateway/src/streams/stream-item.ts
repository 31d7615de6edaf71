import type { FeedEvent } from '@chat/shared/contracts';
import type { ConversationCreatedEvent, MessageCreatedEvent, ReceiptsAdvancedEvent, StreamOpenedEvent } from './stream-event.types.js';
import type { Conversation, ConversationMember, Message } from '../chat/chat.types.js';
import type { PresentState } from './present-state.js';

/** Stands for the cursor while a result is made: the result is shared, the cursor is each reader's own. */
export const CURSOR_PLACEHOLDER = '\0cursor';

/** One event on its way to one reader. */
export class StreamItem {
  constructor(
    /** Root value of the execution. */
    readonly root: object,
    /** Names what it is; readers with the same selection of the same thing share the result. Null: not to be shared. */
    readonly shareKey: string | null,
    /** Put where the placeholder is. */
    readonly cursor: string | null,
    /** Items of one page may share what they load. */
    readonly page: object | null,
  ) {}
}

type Typed<T> = T & { type: string };
export type StreamEventObject =
  Typed<StreamOpenedEvent> | Typed<MessageCreatedEvent> | Typed<ReceiptsAdvancedEvent> | Typed<ConversationCreatedEvent>;

/** An event of the feed as the GraphQL types have it. `present` looks up what the event does not carry. */
export function toStreamEvent(event: FeedEvent, present: PresentState): StreamEventObject {
  switch (event.type) {
    case 'MessageCreated':
      return { type: event.type, cursor: CURSOR_PLACEHOLDER, message: toMessage(event.payload, present) };
    case 'ReceiptsAdvanced': {
      const { conversationId, userId, lastReadSeq, lastDeliveredSeq } = event.payload;
      return { type: event.type, cursor: CURSOR_PLACEHOLDER, conversationId, userId, lastReadSeq, lastDeliveredSeq };
    }
    case 'ConversationCreated':
      return { type: event.type, cursor: CURSOR_PLACEHOLDER, conversation: toConversation(event.payload, present) };
  }
}

type PayloadOf<T extends FeedEvent['type']> = Extract<FeedEvent, { type: T }>['payload'];

/** A message that has just been written is read by nobody; of a replayed one the receipt is looked up. */
export function toMessage(payload: PayloadOf<'MessageCreated'>, present: PresentState): Message {
  const { messageId: id, conversationId, seq, senderId, receiverId, content, clientMessageId, createdAt, deletedAt } = payload;
  const message: Message = {
    id,
    conversationId,
    seq,
    senderId,
    receiverId: receiverId ?? null,
    content,
    clientMessageId: clientMessageId ?? null,
    status: 'SENT',
    createdAt,
    deletedAt: deletedAt ?? null,
    readAt: null,
  };
  if (present.isReplay) message.loadReceipt = () => present.receiptOf(id);
  return message;
}

function toConversation(payload: PayloadOf<'ConversationCreated'>, present: PresentState): Conversation {
  const { conversationId: id, kind, title, members, createdAt } = payload;
  return {
    id,
    kind: kind as Conversation['kind'],
    title: title ?? null,
    members: members.map(({ userId, role }): ConversationMember => ({
      userId,
      role: role as ConversationMember['role'],
      lastReadSeq: 0,
      lastDeliveredSeq: 0,
      joinedAt: createdAt,
      loadCurrent: async () => (await present.conversation(id))?.members.find((member) => member.userId === userId) ?? null,
    })),
    lastMessage: null,
    lastMessageAt: null,
    lastSeq: 0,
    unreadCount: 0,
    createdAt,
    loadCurrent: () => present.conversation(id),
  };
}
