import type { ChatConversation, FeedEvent, FeedMessageType, MessageReceipt, MessageStatus, RequestToken } from '@chat/shared/contracts';
import type { Log } from '@chat/shared/observability';
import { RepliedMessages } from '../chat/replied-messages.js';
import type { ChatClient } from '../clients/chat.client.js';

const MAX_CONVERSATIONS_PER_CALL = 100;
const MESSAGE_EVENTS: ReadonlySet<string> = new Set<FeedMessageType>([
  'MessageCreated',
  'MessageUpdated',
  'MessageDeleted',
  'ReactionsChanged',
]);
const CONVERSATION_EVENTS: ReadonlySet<FeedEvent['type']> = new Set([
  'ConversationCreated',
  'ConversationUpdated',
  'ConversationMuted',
  'MembersChanged',
]);

/**
 * Loads the current state, as one user may see it, of the messages and conversations in a page of events. chat-service is called only when a field
 * that needs it is selected, once for the whole page. When chat-service is unavailable, the events keep the state in which they were recorded.
 */
export class CurrentStateLoader {
  readonly replies: RepliedMessages;
  private receipts: Promise<Map<string, MessageReceipt>> | null = null;
  private conversations: Promise<Map<string, ChatConversation>> | null = null;
  /** `conversations`, or none while chat-service is unavailable. */
  private known: Promise<Map<string, ChatConversation>> | null = null;

  constructor(
    private readonly events: FeedEvent[],
    readonly isReplay: boolean,
    private readonly chat: ChatClient,
    private readonly token: RequestToken,
    private readonly logger: Log,
  ) {
    this.replies = new RepliedMessages(
      chat,
      token,
      events.flatMap((event) => (isMessageEvent(event) ? (event.payload.replyToId ?? []) : [])),
    );
  }

  async currentReceipt(messageId: string): Promise<{ status: MessageStatus; readAt: string | null }> {
    this.receipts ??= this.load('receipts', async () => {
      const ids = [...new Set(this.events.flatMap((event) => (isMessageEvent(event) ? [event.payload.messageId] : [])))];
      const receipts = await this.chat.getReceipts(ids, this.token);
      return new Map(receipts.map((receipt) => [receipt.messageId, receipt]));
    });
    return (await this.receipts).get(messageId) ?? { status: 'SENT', readAt: null };
  }

  /** Null if the user is not a member, or if chat-service is unavailable. */
  async currentConversation(conversationId: string): Promise<ChatConversation | null> {
    this.known ??= this.load('conversations', () => this.loadConversations());
    return (await this.known).get(conversationId) ?? null;
  }

  /** Null if the user is not a member. Rejects if chat-service is unavailable: the two must not be confused. */
  async requireConversation(conversationId: string): Promise<ChatConversation | null> {
    return (await this.loadConversations()).get(conversationId) ?? null;
  }

  private loadConversations(): Promise<Map<string, ChatConversation>> {
    this.conversations ??= this.requestConversations();
    return this.conversations;
  }

  private async requestConversations(): Promise<Map<string, ChatConversation>> {
    const ids = [...new Set(this.events.flatMap((event) => (CONVERSATION_EVENTS.has(event.type) ? [event.conversationId] : [])))];
    const found: ChatConversation[] = [];
    for (let n = 0; n < ids.length; n += MAX_CONVERSATIONS_PER_CALL)
      found.push(...(await this.chat.getConversationsByIds(ids.slice(n, n + MAX_CONVERSATIONS_PER_CALL), this.token)));
    return new Map(found.map((conversation) => [conversation.id, conversation]));
  }

  private async load<T>(what: string, request: () => Promise<Map<string, T>>): Promise<Map<string, T>> {
    try {
      return await request();
    } catch (error) {
      this.logger.warn({ error, what }, 'the current state of replayed events could not be loaded');
      return new Map();
    }
  }
}

function isMessageEvent(event: FeedEvent): event is Extract<FeedEvent, { type: FeedMessageType }> {
  return MESSAGE_EVENTS.has(event.type);
}
