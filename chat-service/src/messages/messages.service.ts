import type { AuthenticatedUser } from '@chat/shared/auth';
import {
  type ChatMessage,
  type MessageForMembers,
  type MessagePage,
  type MessageReceipt,
  type MessagesQuery,
  type MessageVersion,
  type Paginated,
  paginated,
  type SendMessageRequest,
} from '@chat/shared/contracts';
import { currentContext } from '@chat/shared/observability';
import { Injectable } from '@nestjs/common';
import { userNotReachable } from '../blocks/blocks.errors.js';
import { ReadQueries } from '../database/queries.js';
import { ReceiptsService } from '../receipts/receipts.service.js';
import { userDeleted } from '../users/users.errors.js';
import { MessageBatchWriter } from './message-batch-writer.js';
import { messageWindow, neighbours, type VisibleSeqs } from './message-window.js';
import {
  clientMessageIdReused,
  conversationNotFound,
  conversationWithOneself,
  mentionOfNoMember,
  messageNotFound,
  notAttachable,
  recipientMismatch,
  recipientMissing,
  replyTargetNotFound,
  severalSeqArguments,
} from './messages.errors.js';
import {
  COUNT_VERSIONS,
  FIND_MESSAGE,
  FIND_MESSAGES,
  LIST_MESSAGES,
  LIST_VERSIONS,
  type MessageRow,
  toChatMessage,
  VISIBLE_SEQS,
} from './messages.queries.js';
import { StoredConversations } from './stored-conversations.js';

@Injectable()
export class MessagesService {
  constructor(
    private readonly queries: ReadQueries,
    private readonly writer: MessageBatchWriter,
    private readonly receipts: ReceiptsService,
    private readonly stored: StoredConversations,
  ) {}

  /**
   * Stores a message once per clientMessageId, and answers after the commit. Whether the user may send is decided under the lock of the
   * conversation. Nothing is awaited before the writer has the message: messages are stored in the order of the calls.
   */
  async sendMessage(user: AuthenticatedUser, request: SendMessageRequest): Promise<ChatMessage> {
    const { receiverId = null, conversationId = null, clientMessageId = null, replyToId = null, content = '' } = request;
    const mentions = request.mentions?.length ? request.mentions : null;
    const attachmentIds = request.attachmentIds?.length ? request.attachmentIds : null;
    if (receiverId === null && conversationId === null) throw recipientMissing();
    if (receiverId === user.userId) throw conversationWithOneself();
    const { correlationId = null, traceparent = null } = currentContext() ?? {};
    const sent = await this.writer.write({
      sender: user,
      receiverId,
      conversationId,
      clientMessageId,
      content,
      replyToId,
      mentions,
      attachmentIds,
      correlationId,
      traceparent,
    });
    switch (sent.outcome) {
      case 'no-conversation':
        throw conversationNotFound();
      case 'recipient-mismatch':
        throw recipientMismatch();
      case 'closed':
        throw userDeleted();
      case 'blocked':
        throw userNotReachable();
      case 'conflict':
        throw clientMessageIdReused();
      case 'no-reply-target':
        throw replyTargetNotFound();
      case 'no-such-member':
        throw mentionOfNoMember();
      case 'no-attachment':
        throw notAttachable();
      case 'repeated':
        return this.getMessage(user, sent.message_id);
      case 'stored':
        this.stored.add(sent.conversation_id);
        if (attachmentIds !== null) return this.getMessage(user, sent.message_id);
        return {
          id: sent.message_id,
          conversationId: sent.conversation_id,
          seq: sent.seq,
          senderId: user.userId,
          receiverId: sent.receiver_id,
          content,
          replyToId,
          mentions: mentions ?? [],
          attachments: [],
          reactions: [],
          clientMessageId,
          status: 'SENT',
          createdAt: sent.sent_at,
          editedAt: null,
          deletedAt: null,
          readAt: null,
        };
    }
  }

  async getMessage(user: AuthenticatedUser, messageId: string): Promise<ChatMessage> {
    const row = await this.queries.row<MessageRow>(FIND_MESSAGE, [messageId, user.userId]);
    if (!row) throw messageNotFound();
    return toChatMessage(row);
  }

  /** In the order of the request; messages that the user may not see are left out. */
  async getMessagesByIds(user: AuthenticatedUser, messageIds: string[]): Promise<MessageForMembers[]> {
    const rows = await this.queries.rows<MessageRow>(FIND_MESSAGES, [messageIds, user.userId]);
    const found = new Map(rows.map((row) => [row.id, { ...toChatMessage(row), isVisibleToAll: row.is_visible_to_all }]));
    return messageIds.flatMap((id) => found.get(id) ?? []);
  }

  /** The earlier versions of a message that the user may see, oldest first. A tombstone has none. */
  async getVersions(user: AuthenticatedUser, messageId: string, page: number, limit: number): Promise<Paginated<MessageVersion>> {
    const { deletedAt } = await this.getMessage(user, messageId);
    // The deletion of the sender's account may not have come to them yet.
    if (deletedAt !== null) return paginated([], 0, page, limit);
    const [count, rows] = await Promise.all([
      this.queries.row<{ total: number }>(COUNT_VERSIONS, [messageId]),
      this.queries.rows<{ content: string; created_at: Date }>(LIST_VERSIONS, [messageId, limit, (page - 1) * limit]),
    ]);
    const versions = rows.map(({ content, created_at }) => ({ content, createdAt: created_at.toISOString() }));
    return paginated(versions, count!.total, page, limit);
  }

  async getMessages(user: AuthenticatedUser, query: MessagesQuery): Promise<MessagePage> {
    const { conversationId, page = 1, limit = 50, beforeSeq, afterSeq, aroundSeq } = query;
    if ([beforeSeq, afterSeq, aroundSeq].filter((seq) => seq !== undefined).length > 1) throw severalSeqArguments();
    const visible = await this.requireMember(user, conversationId);
    const window = messageWindow(visible, query);
    const rows =
      window.low > window.high ? [] : await this.queries.rows<MessageRow>(LIST_MESSAGES, [conversationId, window.low, window.high]);
    const total = visible.lastSeq - visible.joinedSeq;
    return { ...paginated(rows.map(toChatMessage), total, page, limit), ...neighbours(visible, window) };
  }

  /** The seqs that the user sees of a conversation; NOT_FOUND for a user that is not a member. */
  async requireMember(user: AuthenticatedUser, conversationId: string): Promise<VisibleSeqs> {
    const visible = await this.queries.row<VisibleSeqs>(VISIBLE_SEQS, [conversationId, user.userId]);
    if (!visible) throw conversationNotFound();
    return visible;
  }

  /** Marks everything up to this message as read. */
  async markMessageAsRead(user: AuthenticatedUser, messageId: string): Promise<ChatMessage> {
    const { conversationId, seq } = await this.getMessage(user, messageId);
    await this.receipts.markRead(conversationId, user.userId, seq);
    return this.getMessage(user, messageId);
  }

  /** In the order of the request; messages that the user may not see are left out. */
  async getReceipts(user: AuthenticatedUser, messageIds: string[]): Promise<MessageReceipt[]> {
    const messages = await this.getMessagesByIds(user, messageIds);
    return messages.map(({ id, status, readAt }) => ({ messageId: id, status, readAt }));
  }
}
