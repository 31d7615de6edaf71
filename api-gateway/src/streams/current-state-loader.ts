import type { ChatConversation, FeedEvent, MessageReceipt, MessageStatus, RequestToken } from '@chat/shared/contracts';
import type { Log } from '@chat/shared/observability';
import type { ChatClient } from '../clients/chat.client.js';

const MAX_CONVERSATIONS_PER_CALL = 100;

/**
 * Loads the current state, as one user may see it, of the messages and conversations in a page of events. chat-service is called only when a field
 * that needs it is selected, once for the whole page. When chat-service is unavailable, the events keep the state in which they were recorded.
 */
export class CurrentStateLoader {
  private receipts: Promise<Map<string, MessageReceipt>> | null = null;
  private conversations: Promise<Map<string, ChatConversation>> | null = null;

  constructor(
    private readonly events: FeedEvent[],
    readonly isReplay: boolean,
    private readonly chat: ChatClient,
    private readonly token: RequestToken,
    private readonly logger: Log,
  ) {}

  async currentReceipt(messageId: string): Promise<{ status: MessageStatus; readAt: string | null }> {
    this.receipts ??= this.load('receipts', async () => {
      const ids = this.events.flatMap((event) => (event.type === 'MessageCreated' ? [event.payload.messageId] : []));
      const receipts = await this.chat.getReceipts(ids, this.token);
      return new Map(receipts.map((receipt) => [receipt.messageId, receipt]));
    });
    return (await this.receipts).get(messageId) ?? { status: 'SENT', readAt: null };
  }

  async currentConversation(conversationId: string): Promise<ChatConversation | null> {
    this.conversations ??= this.load('conversations', async () => {
      const ids = [...new Set(this.events.flatMap((event) => (event.type === 'ConversationCreated' ? [event.conversationId] : [])))];
      const found: ChatConversation[] = [];
      for (let n = 0; n < ids.length; n += MAX_CONVERSATIONS_PER_CALL)
        found.push(...(await this.chat.getConversationsByIds(ids.slice(n, n + MAX_CONVERSATIONS_PER_CALL), this.token)));
      return new Map(found.map((conversation) => [conversation.id, conversation]));
    });
    return (await this.conversations).get(conversationId) ?? null;
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
