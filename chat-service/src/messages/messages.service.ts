import { type AuthenticatedUser } from '@chat/shared/auth';
import { currentContext } from '@chat/shared/observability';
import {
  type ChatMessage,
  type MessagePage,
  type MessageReceipt,
  type MessagesQuery,
  paginated,
  type SendMessageRequest,
} from '@chat/shared/contracts';
import { Injectable } from '@nestjs/common';
import { conversationNotFound } from '../conversations/conversations.errors.js';
import { ConversationsService } from '../conversations/conversations.service.js';
import { ReadQueries, type Statement } from '../database/prepared-queries.js';
import { ReceiptsService } from '../receipts/receipts.service.js';
import { personIsGone } from '../users/users.errors.js';
import { UsersService } from '../users/users.service.js';
import { type MessageRow, SELECT_MESSAGES, toChatMessage } from './message-rows.js';
import { messageWindow, surroundings } from './message-window.js';
import { addresseeMissing, addresseesDiffer, clientMessageIdReused, messageNotFound, severalSeqArguments } from './messages.errors.js';
import { SendLane } from './send-lane.js';

@Injectable()
export class MessagesService {
  constructor(
    private readonly queries: ReadQueries,
    private readonly lane: SendLane,
    private readonly conversations: ConversationsService,
    private readonly receipts: ReceiptsService,
    private readonly users: UsersService,
  ) {}

  /** Stores a message once per clientMessageId, and answers after the commit. Who may write is decided under the conversation's lock. */
  async sendMessage(caller: AuthenticatedUser, request: SendMessageRequest): Promise<ChatMessage> {
    const conversationId = await this.addressedConversation(caller, request);
    const { content, clientMessageId = null } = request;
    const context = currentContext();
    const sent = await this.lane.send({
      senderId: caller.userId,
      conversationId,
      receiverId: conversationId === null ? request.receiverId! : null,
      clientMessageId,
      content,
      correlationId: context?.correlationId ?? null,
      traceparent: context?.traceparent ?? null,
    });
    switch (sent.outcome) {
      case 'no-conversation':
        throw conversationNotFound();
      case 'closed':
        throw personIsGone();
      case 'conflict':
        throw clientMessageIdReused();
      case 'repeated':
        return this.getMessage(caller, sent.messageId);
      case 'stored':
        return {
          id: sent.messageId,
          conversationId: sent.conversationId,
          seq: sent.seq,
          senderId: caller.userId,
          receiverId: sent.receiverId,
          content,
          clientMessageId,
          status: 'SENT',
          createdAt: sent.sentAt,
          deletedAt: null,
          readAt: null,
        };
    }
  }

  async getMessage(caller: AuthenticatedUser, messageId: string): Promise<ChatMessage> {
    const row = await this.queries.row<MessageRow>(FIND_MESSAGE, [messageId, caller.userId]);
    if (!row) throw messageNotFound();
    return toChatMessage(row);
  }

  async getMessages(caller: AuthenticatedUser, query: MessagesQuery): Promise<MessagePage> {
    const { conversationId, page = 1, limit = 50, beforeSeq, afterSeq, aroundSeq } = query;
    if ([beforeSeq, afterSeq, aroundSeq].filter((seq) => seq !== undefined).length > 1) throw severalSeqArguments();
    const lastSeq = await this.conversations.lastSeqFor(caller, conversationId);
    const window = messageWindow(lastSeq, query);
    const rows =
      window.low > window.high ? [] : await this.queries.rows<MessageRow>(LIST_MESSAGES, [conversationId, window.low, window.high]);
    return { ...paginated(rows.map(toChatMessage), lastSeq, page, limit), ...surroundings(lastSeq, window) };
  }

  /** Reads everything up to this message. */
  async markMessageAsRead(caller: AuthenticatedUser, messageId: string): Promise<ChatMessage> {
    const { conversationId, seq } = await this.getMessage(caller, messageId);
    await this.receipts.markRead(conversationId, caller.userId, seq);
    return this.getMessage(caller, messageId);
  }

  /** Those of the messages that the caller may see, in the order asked. */
  async getReceipts(caller: AuthenticatedUser, messageIds: string[]): Promise<MessageReceipt[]> {
    const rows = await this.queries.rows<MessageRow>(FIND_MESSAGES, [messageIds, caller.userId]);
    const found = new Map(rows.map((row) => [row.id, toChatMessage(row)]));
    return messageIds.flatMap((id) => {
      const message = found.get(id);
      return message ? [{ messageId: id, status: message.status, readAt: message.readAt }] : [];
    });
  }

  /** The conversation that a message is meant for; null: the receiver is there, but there is none with them yet. */
  private async addressedConversation(
    caller: AuthenticatedUser,
    { receiverId, conversationId }: SendMessageRequest,
  ): Promise<string | null> {
    if (receiverId === undefined) {
      if (conversationId === undefined) throw addresseeMissing();
      return conversationId;
    }
    const directId = await this.conversations.findDirect(caller, receiverId);
    if (conversationId !== undefined && conversationId !== directId) throw addresseesDiffer();
    if (directId === null) await this.users.requireUser(receiverId, caller.token);
    return directId;
  }
}

const IS_MEMBER = `exists (select 1 from members me where me.conversation_id = m.conversation_id and me.user_id = $2)`;

const FIND_MESSAGE: Statement = { name: 'find_message', text: `${SELECT_MESSAGES} where m.id = $1 and ${IS_MEMBER}` };

const FIND_MESSAGES: Statement = { name: 'find_messages', text: `${SELECT_MESSAGES} where m.id = any ($1::uuid[]) and ${IS_MEMBER}` };

const LIST_MESSAGES: Statement = {
  name: 'list_messages',
  text: `${SELECT_MESSAGES} where m.conversation_id = $1 and m.seq between $2 and $3 order by m.seq`,
};
