import type { ChatConversation, ChatMessage, ConversationForMembers, DeliveredReceipts } from '@chat/shared/contracts';
import { AppError } from '@chat/shared/errors';
import { channels } from '@chat/shared/realtime';
import type { Redis } from 'ioredis';
import { randomUUID } from 'node:crypto';
import type { Routes } from './fake-http-server.js';

/** Conversations and receipts in memory; of messages, those of `messages`. */
export class FakeChatService {
  readonly conversations = new Map<string, ChatConversation>();
  readonly readMessageIds = new Set<string>();
  /** The newest seq that was reported as delivered, by user and conversation. */
  readonly delivered = new Map<string, number>();
  readonly messages = new Map<string, ChatMessage>();
  /** The bodies of the searches; each finds one message of its sender. */
  readonly searches: Record<string, unknown>[] = [];

  readonly routes: Routes = {
    'RPC ': ({ body, userId }) => this.sent(body, userId ?? ''),
    'GET /chat/conversations/:id': ({ path, userId }) => this.conversationFor(path.split('/')[3] ?? '', userId ?? ''),
    'GET /chat/conversations/:id/for-members': ({ path }) => this.forMembers(path.split('/')[3] ?? ''),
    'GET /chat/conversations': ({ userId }) => {
      const data = [...this.conversations.values()].filter((conversation) => isMember(conversation, userId ?? ''));
      return { data, total: 1, page: 1, limit: 20, totalPages: 1 };
    },
    'PUT /chat/conversations/:id/typing': async ({ path, body, userId }) => {
      const { id: conversationId } = this.conversationFor(path.split('/')[3] ?? '', userId ?? '');
      await this.redis.publish(channels.typing(conversationId), JSON.stringify({ conversationId, userId, ...body }));
    },
    'POST /chat/conversations/bulk': ({ body, userId }) =>
      body.conversationIds
        .flatMap((id: string) => this.conversations.get(id) ?? [])
        .filter((conversation: ChatConversation) => isMember(conversation, userId ?? '')),
    'POST /chat/receipts/delivered': ({ body }) => this.deliver(body as DeliveredReceipts),
    'POST /chat/messages/bulk': ({ body }) =>
      body.messageIds
        .flatMap((id: string) => this.messages.get(id) ?? [])
        .map((message: ChatMessage) => ({ ...message, isVisibleToAll: true })),
    'POST /chat/messages/search': ({ body, userId }) => {
      this.searches.push(body);
      const data = [this.sent({ content: `found by ${body.query}` }, userId ?? '')];
      return { data, nextCursor: body.after === undefined ? 'next' : null };
    },
    'POST /chat/messages/receipts': ({ body }) =>
      body.messageIds.map((messageId: string) => ({
        messageId,
        status: this.readMessageIds.has(messageId) ? 'READ' : 'SENT',
        readAt: this.readMessageIds.has(messageId) ? new Date().toISOString() : null,
      })),
  };

  constructor(private readonly redis: Redis) {}

  addConversation(memberIds: string[]): ChatConversation {
    const createdAt = new Date().toISOString();
    const conversation: ChatConversation = {
      id: randomUUID(),
      kind: 'DIRECT',
      title: null,
      picture: null,
      members: memberIds.map((userId) => ({ userId, role: 'MEMBER', lastReadSeq: 0, lastDeliveredSeq: 0, joinedAt: createdAt })),
      lastMessage: null,
      lastMessageAt: null,
      lastSeq: 0,
      unreadCount: 0,
      mutedUntil: null,
      createdAt,
    };
    this.conversations.set(conversation.id, conversation);
    return conversation;
  }

  deliveredTo(userId: string, conversationId: string): number | undefined {
    return this.delivered.get(userId + conversationId);
  }

  private deliver({ conversationIds, userIds, seqs }: DeliveredReceipts): void {
    seqs.forEach((seq, i) => this.delivered.set(userIds[i]! + conversationIds[i]!, seq));
  }

  addMessage(conversation: ChatConversation, senderId: string, content: string, replyToId: string | null = null): ChatMessage {
    const message = this.sent({ conversationId: conversation.id, content, replyToId }, senderId);
    this.messages.set(message.id, message);
    return message;
  }

  private sent(body: any, senderId: string): ChatMessage {
    return {
      id: randomUUID(),
      conversationId: body.conversationId ?? randomUUID(),
      seq: 1,
      senderId,
      receiverId: body.receiverId ?? null,
      content: body.content ?? '',
      replyToId: body.replyToId ?? null,
      mentions: body.mentions ?? [],
      attachments: [],
      reactions: [],
      clientMessageId: body.clientMessageId ?? null,
      status: 'SENT',
      createdAt: new Date().toISOString(),
      editedAt: null,
      deletedAt: null,
      readAt: null,
    };
  }

  private forMembers(id: string): ConversationForMembers {
    const conversation = this.conversations.get(id);
    if (!conversation) throw new AppError('not-found', 'conversation/not-found', 'There is no such conversation.');
    const { unreadCount, mutedUntil, members, ...all } = conversation;
    return { ...all, members: members.map((member) => ({ ...member, unreadCount, mutedUntil, seesLastMessage: true })) };
  }

  private conversationFor(id: string, userId: string): ChatConversation {
    const conversation = this.conversations.get(id);
    if (!conversation || !isMember(conversation, userId))
      throw new AppError('not-found', 'conversation/not-found', 'There is no such conversation.');
    return conversation;
  }
}

export function isMember(conversation: ChatConversation | undefined, userId: string): boolean {
  return conversation?.members.some((member) => member.userId === userId) ?? false;
}
