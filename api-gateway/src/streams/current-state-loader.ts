import type { FeedEvent, FeedMessageType, MessageReceipt, MessageStatus, RequestToken } from '@chat/shared/contracts';
import { toAppError } from '@chat/shared/errors';
import type { Log } from '@chat/shared/observability';
import type { Conversation } from '../chat/chat.types.js';
import { RepliedMessages } from '../chat/replied-messages.js';
import type { ChatClient } from '../clients/chat.client.js';
import type { SharedConversations } from './shared-conversations.js';

const MAX_CONVERSATIONS_PER_CALL = 100;
const MESSAGE_EVENTS: ReadonlySet<string> = new Set<FeedMessageType>([
  'MessageCreated',
  'MessageUpdated',
  'MessageDeleted',
  'ReactionsChanged',
]);
/** A page of events with changes of more conversations loads them for its user alone, with one call for up to 100 of them. */
const MAX_SHARED_PER_PAGE = 4;
const CONVERSATION_EVENTS: ReadonlySet<FeedEvent['type']> = new Set([
  'ConversationCreated',
  'ConversationUpdated',
  'ConversationMuted',
  'MembersChanged',
]);

/**
 * Loads the current state, as one user may see it, of the messages and conversations in a page of events. chat-service is called only when a field
 * that needs it is selected, once for the whole page; conversations, if they are few, once for all sockets. When chat-service is unavailable, the events keep the state in which they were recorded.
 */
export class CurrentStateLoader {
  readonly replies: RepliedMessages;
  /** None while chat-service is unavailable. */
  private receipts: Promise<Map<string, MessageReceipt> | null> | null = null;
  private conversations: Promise<Map<string, Conversation>> | null = null;
  /** `conversations`, or none while chat-service is unavailable. */
  private known: Promise<Map<string, Conversation> | null> | null = null;

  constructor(
    private readonly events: FeedEvent[],
    readonly isReplay: boolean,
    private readonly chat: ChatClient,
    private readonly token: RequestToken,
    private readonly logger: Log,
    private readonly shared: { conversations: SharedConversations; userId: string } | null = null,
  ) {
    this.replies = new RepliedMessages(
      chat,
      token,
      events.flatMap((event) => (isMessageEvent(event) ? (event.payload.replyToId ?? []) : [])),
    );
  }

  /** Null if the user does not see the message any more. While chat-service is unavailable, that of a new message. */
  async currentReceipt(messageId: string): Promise<{ status: MessageStatus; readAt: string | null } | null> {
    this.receipts ??= this.load('receipts', async () => {
      const ids = [...new Set(this.events.flatMap((event) => (isMessageEvent(event) ? [event.payload.messageId] : [])))];
      const receipts = await this.chat.getReceipts(ids, this.token);
      return new Map(receipts.map((receipt) => [receipt.messageId, receipt]));
    });
    const receipts = await this.receipts;
    return receipts === null ? { status: 'SENT', readAt: null } : (receipts.get(messageId) ?? null);
  }

  /** Null if the user is not a member, or if chat-service is unavailable. */
  async currentConversation(conversationId: string): Promise<Conversation | null> {
    this.known ??= this.load('conversations', () => this.loadConversations());
    return (await this.known)?.get(conversationId) ?? null;
  }

  /** Null if the user is not a member. Rejects if chat-service is unavailable: the two must not be confused. */
  async requireConversation(conversationId: string): Promise<Conversation | null> {
    return (await this.loadConversations()).get(conversationId) ?? null;
  }

  private loadConversations(): Promise<Map<string, Conversation>> {
    this.conversations ??= this.requestConversations();
    return this.conversations;
  }

  private async requestConversations(): Promise<Map<string, Conversation>> {
    const newest = new Map(this.events.flatMap((event) => (CONVERSATION_EVENTS.has(event.type) ? [[event.conversationId, event]] : [])));
    const loaded = (await this.loadShared([...newest.values()])) ?? (await this.loadForUser([...newest.keys()]));
    return new Map(loaded.map((conversation) => [conversation.id, { ...conversation, isOfEvent: true }]));
  }

  /** Null if these events are not for all members, or of too many conversations. */
  private async loadShared(newest: FeedEvent[]): Promise<Conversation[] | null> {
    const { shared } = this;
    if (shared === null || newest.length > MAX_SHARED_PER_PAGE || newest.some(({ type }) => type === 'ConversationMuted')) return null;
    try {
      const loaded = await Promise.all(newest.map((event) => shared.conversations.load(event, shared.userId)));
      return loaded.filter((conversation) => conversation !== null);
    } catch (error) {
      // During an update: a chat-service of the build before does not have this route.
      if (toAppError(error).kind !== 'not-found') throw error;
      return null;
    }
  }

  private async loadForUser(ids: string[]): Promise<Conversation[]> {
    const found: Conversation[] = [];
    for (let n = 0; n < ids.length; n += MAX_CONVERSATIONS_PER_CALL)
      found.push(...(await this.chat.getConversationsByIds(ids.slice(n, n + MAX_CONVERSATIONS_PER_CALL), this.token)));
    return found;
  }

  private async load<T>(what: string, request: () => Promise<Map<string, T>>): Promise<Map<string, T> | null> {
    try {
      return await request();
    } catch (error) {
      this.logger.warn({ error, what }, 'the current state of replayed events could not be loaded');
      return null;
    }
  }
}

function isMessageEvent(event: FeedEvent): event is Extract<FeedEvent, { type: FeedMessageType }> {
  return MESSAGE_EVENTS.has(event.type);
}
