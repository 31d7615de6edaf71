import { randomUUID } from 'node:crypto';
import { type FeedEvent, type FeedMessage, type FileDescription, type FeedMessageType, shownReactions } from '@chat/shared/contracts';
import type {
  ConversationCreatedEvent,
  ConversationUpdatedEvent,
  MembersChangedEvent,
  ReceiptsAdvancedEvent,
  StreamEvent,
  StreamOpenedEvent,
} from './stream-event.types.js';
import type { ReceivedMessage } from './delivered-receipts.js';
import type { Conversation, ConversationMember, Message } from '../chat/chat.types.js';
import type { CurrentStateLoader } from './current-state-loader.js';

/** Takes the place of the cursor in a result that sockets share. No client can know it, so no text contains it. */
export const CURSOR_PLACEHOLDER = randomUUID();

interface StreamItemParts {
  /** Field and type of the item. Whether a live result depends on the user is the same for all items of one kind. */
  kind: string;
  /** Creates the root value of the execution. Not called where the result is known already. */
  root: () => object;
  /** Subscriptions with the same selection share the result of a live event. Null: the result is not shared. */
  shared: FeedEvent | null;
  /** Replaces the placeholder. */
  cursor?: string;
  /** Items of one page share what they load. */
  page?: object;
  /** The delivered receipt that advances when the socket has taken the item. */
  received?: ReceivedMessage | null;
  /** Whether the user is a member now of the conversation of this live event; null if the event itself has all that depends on that. */
  isMember?: (() => Promise<boolean>) | null;
}

/** One event for one subscription. */
export class StreamItem {
  readonly kind: string;
  readonly root: () => object;
  readonly shared: FeedEvent | null;
  readonly cursor: string | null;
  readonly page: object | null;
  readonly received: ReceivedMessage | null;
  readonly isMember: (() => Promise<boolean>) | null;

  constructor({ kind, root, shared, cursor, page, received = null, isMember = null }: StreamItemParts) {
    this.kind = kind;
    this.root = root;
    this.shared = shared;
    this.cursor = cursor ?? null;
    this.page = page ?? null;
    this.received = received;
    this.isMember = isMember;
  }
}

type Typed<T> = T & { type: string };
/** MessageCreated, MessageUpdated, MessageDeleted and ReactionsChanged have the same fields. */
type MessageEventObject = StreamEvent & { type: FeedMessageType; message: Message };
export type StreamEventObject =
  | Typed<StreamOpenedEvent>
  | MessageEventObject
  | Typed<ReceiptsAdvancedEvent>
  | Typed<ConversationCreatedEvent>
  | Typed<ConversationUpdatedEvent>
  | Typed<MembersChangedEvent>;

const KNOWN_TYPES: Record<FeedEvent['type'], true> = {
  ConversationCreated: true,
  ConversationUpdated: true,
  ConversationMuted: true,
  MembersChanged: true,
  MessageCreated: true,
  MessageUpdated: true,
  MessageDeleted: true,
  ReactionsChanged: true,
  ReceiptsAdvanced: true,
};

/** During an update, the feed may have events of types that only the next build knows: clients of this build do not receive them. */
export function isKnown({ type }: FeedEvent): boolean {
  return Object.hasOwn(KNOWN_TYPES, type);
}

/** For `StreamItem.isMember`. */
export function memberCheckOf(event: FeedEvent, current: () => CurrentStateLoader, userId: string): (() => Promise<boolean>) | null {
  const { type, conversationId } = event;
  if (type !== 'ConversationCreated' && type !== 'ConversationUpdated' && type !== 'MembersChanged') return null;
  if (type === 'MembersChanged' && event.payload.removed.includes(userId)) return async () => false;
  return async () => (await current().requireConversation(conversationId)) !== null;
}

/** Converts an event of the feed to its GraphQL type, for one user. `current` loads what the event does not contain. */
export function toStreamEvent(event: FeedEvent, current: CurrentStateLoader, userId: string): StreamEventObject {
  switch (event.type) {
    case 'MessageCreated':
    case 'MessageUpdated':
    case 'MessageDeleted':
    case 'ReactionsChanged': {
      const isNew = event.type === 'MessageCreated' && !current.isReplay;
      return { type: event.type, cursor: CURSOR_PLACEHOLDER, message: toMessage(event.payload, current, isNew) };
    }
    case 'ReceiptsAdvanced': {
      const { conversationId, userId, lastReadSeq, lastDeliveredSeq } = event.payload;
      return { type: event.type, cursor: CURSOR_PLACEHOLDER, conversationId, userId, lastReadSeq, lastDeliveredSeq };
    }
    case 'ConversationCreated':
      return { type: event.type, cursor: CURSOR_PLACEHOLDER, conversation: toConversation(event.payload, current) };
    case 'ConversationUpdated': {
      const { conversationId, title, updatedAt } = event.payload;
      const loadConversation = async () =>
        (await current.requireConversation(conversationId)) ?? lostGroup(conversationId, title, updatedAt);
      return { type: event.type, cursor: CURSOR_PLACEHOLDER, loadConversation };
    }
    // Only the member that muted the conversation gets it.
    case 'ConversationMuted': {
      const { conversationId, mutedAt } = event.payload;
      const loadConversation = async () => (await current.requireConversation(conversationId)) ?? lostGroup(conversationId, null, mutedAt);
      return { type: 'ConversationUpdated', cursor: CURSOR_PLACEHOLDER, loadConversation };
    }
    case 'MembersChanged': {
      const { conversationId, removed } = event.payload;
      const added = event.payload.added.map((member) => member.userId);
      // Also for a user that was added again later: a further event says so.
      const loadConversation = async () => (removed.includes(userId) ? null : current.requireConversation(conversationId));
      return { type: event.type, cursor: CURSOR_PLACEHOLDER, conversationId, added, removed, loadConversation };
    }
  }
}

type PayloadOf<T extends FeedEvent['type']> = Extract<FeedEvent, { type: T }>['payload'];

/** A new message has no receipts yet; those of any other are loaded. Fields that are missing are of an event of a build before. */
export function toMessage(payload: FeedMessage, current: CurrentStateLoader, isNew: boolean): Message {
  const { messageId: id, conversationId, seq, senderId, receiverId, content, clientMessageId, createdAt, reactions } = payload;
  const message: Message = {
    id,
    conversationId,
    seq,
    senderId,
    receiverId: receiverId ?? null,
    content,
    replyToId: payload.replyToId ?? null,
    mentions: payload.mentions ?? [],
    attachments: (payload.attachments ?? []) as FileDescription[],
    reactions: shownReactions(reactions ?? []),
    clientMessageId: clientMessageId ?? null,
    status: 'SENT',
    createdAt,
    editedAt: payload.editedAt ?? null,
    deletedAt: payload.deletedAt ?? null,
    readAt: null,
    replies: current.replies,
    isOfEvent: true,
  };
  if (!isNew) message.loadReceipt = () => current.currentReceipt(id);
  return message;
}

function toConversation(payload: PayloadOf<'ConversationCreated'>, current: CurrentStateLoader): Conversation {
  const { conversationId: id, kind, title, members, createdAt } = payload;
  let loading: Promise<Map<string, ConversationMember>> | undefined;
  const loadMembers = async () =>
    new Map((await current.currentConversation(id))?.members?.map((member) => [member.userId, member] as const));
  return {
    id,
    kind: kind as Conversation['kind'],
    title: title ?? null,
    picture: null,
    members: members.map(({ userId, role }): ConversationMember => ({
      userId,
      role: role as ConversationMember['role'],
      lastReadSeq: 0,
      lastDeliveredSeq: 0,
      joinedAt: createdAt,
      loadCurrent: async () => (await (loading ??= loadMembers())).get(userId) ?? null,
    })),
    lastMessage: null,
    lastMessageAt: null,
    lastSeq: 0,
    unreadCount: 0,
    mutedUntil: null,
    createdAt,
    loadCurrent: () => current.currentConversation(id),
  };
}

/** The current user was removed after the event, as a following event says. */
function lostGroup(id: string, title: string | null, createdAt: string): Conversation {
  const nothing = { picture: null, members: [], lastMessage: null, lastMessageAt: null, lastSeq: 0, unreadCount: 0, mutedUntil: null };
  return { id, kind: 'GROUP', title, createdAt, ...nothing };
}
