import type { ChatConversation, FeedEvent, MessageReceipt, MessageStatus } from '@chat/shared/contracts';
import type { Log } from '@chat/shared/observability';
import type { ChatClient } from '../clients/chat.client.js';

const MAX_CONVERSATIONS_PER_CALL = 100;

/**
 * How the things that a page of events speaks of are at present, for one viewer. Asked at chat-service when something of it is selected,
 * once for the whole page; when it cannot answer, the events stand as they were written.
 */
export class PresentState {
  private receipts: Promise<Map<string, MessageReceipt>> | null = null;
  private conversations: Promise<Map<string, ChatConversation>> | null = null;

  constructor(
    private readonly events: FeedEvent[],
    readonly isReplay: boolean,
    private readonly chat: ChatClient,
    private readonly token: () => string,
    private readonly logger: Log,
  ) {}

  async receiptOf(messageId: string): Promise<{ status: MessageStatus; readAt: string | null }> {
    this.receipts ??= this.asking('receipts', async () => {
      const ids = this.events.flatMap((event) => (event.type === 'MessageCreated' ? [event.payload.messageId] : []));
      const receipts = await this.chat.getReceipts(ids, this.token());
      return new Map(receipts.map((receipt) => [receipt.messageId, receipt]));
    });
    return (await this.receipts).get(messageId) ?? { status: 'SENT', readAt: null };
  }

  async conversation(conversationId: string): Promise<ChatConversation | null> {
    this.conversations ??= this.asking('conversations', async () => {
      const ids = [...new Set(this.events.flatMap((event) => (event.type === 'ConversationCreated' ? [event.conversationId] : [])))];
      const found: ChatConversation[] = [];
      for (let n = 0; n < ids.length; n += MAX_CONVERSATIONS_PER_CALL)
        found.push(...(await this.chat.getConversationsByIds(ids.slice(n, n + MAX_CONVERSATIONS_PER_CALL), this.token())));
      return new Map(found.map((conversation) => [conversation.id, conversation]));
    });
    return (await this.conversations).get(conversationId) ?? null;
  }

  private async asking<T>(what: string, ask: () => Promise<Map<string, T>>): Promise<Map<string, T>> {
    try {
      return await ask();
    } catch (error) {
      this.logger.warn({ error }, `${what} of events could not be looked up`);
      return new Map();
    }
  }
}
