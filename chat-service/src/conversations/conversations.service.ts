import type { AuthenticatedUser } from '@chat/shared/auth';
import {
  type ChatConversation,
  type ConversationForMembers,
  type ConversationMembers,
  type ConversationSummary,
  type Paginated,
  paginated,
} from '@chat/shared/contracts';
import { OutboxRelay } from '@chat/shared/outbox';
import { Injectable } from '@nestjs/common';
import { userNotReachable } from '../blocks/blocks.errors.js';
import { BlocksService } from '../blocks/blocks.service.js';
import { DirectConversations } from '../messages/direct-conversations.js';
import { conversationNotFound, conversationWithOneself } from '../messages/messages.errors.js';
import { MessagesService } from '../messages/messages.service.js';
import { ReceiptsService } from '../receipts/receipts.service.js';
import { userDeleted } from '../users/users.errors.js';
import { UsersService } from '../users/users.service.js';
import { ConversationQueries } from './conversations.queries.js';

@Injectable()
export class ConversationsService {
  constructor(
    private readonly conversations: ConversationQueries,
    private readonly directConversations: DirectConversations,
    private readonly messages: MessagesService,
    private readonly receipts: ReceiptsService,
    private readonly users: UsersService,
    private readonly blocks: BlocksService,
    private readonly relay: OutboxRelay,
  ) {}

  async getConversations(
    user: AuthenticatedUser,
    page: number,
    limit: number,
    omitsMembers: boolean,
  ): Promise<Paginated<ConversationSummary>> {
    const { conversations, total } = await this.conversations.page(user.userId, page, limit, omitsMembers);
    return paginated(conversations, total, page, limit);
  }

  async getConversation(user: AuthenticatedUser, conversationId: string): Promise<ChatConversation> {
    const [conversation] = await this.conversations.byIds(user.userId, [conversationId]);
    if (!conversation) throw conversationNotFound();
    return conversation;
  }

  /** Without members, if they are not needed. */
  async getSummary(user: AuthenticatedUser, conversationId: string, omitsMembers: boolean): Promise<ConversationSummary> {
    if (!omitsMembers) return this.getConversation(user, conversationId);
    const [summary] = await this.conversations.summariesByIds(user.userId, [conversationId]);
    if (!summary) throw conversationNotFound();
    return summary;
  }

  /** In the order of the ids; conversations that the user is not a member of are left out. */
  getMembers(user: AuthenticatedUser, conversationIds: string[]): Promise<ConversationMembers[]> {
    return this.conversations.members(user.userId, conversationIds);
  }

  /** In the order of the ids; conversations that the user is not a member of are left out. */
  async getConversationsByIds(user: AuthenticatedUser, conversationIds: string[]): Promise<ChatConversation[]> {
    return this.conversations.byIds(user.userId, conversationIds);
  }

  /** For a gateway, which shows it to no user but its members. */
  async getConversationForMembers(conversationId: string): Promise<ConversationForMembers> {
    const conversation = await this.conversations.forMembers(conversationId);
    if (!conversation) throw conversationNotFound();
    return conversation;
  }

  /** The direct conversation with another user, created if there is none. */
  async openDirect(user: AuthenticatedUser, receiverId: string): Promise<ChatConversation> {
    if (receiverId === user.userId) throw conversationWithOneself();
    const existing = (await this.#existing(user, receiverId)) ?? (await this.#existing(user, receiverId));
    if (existing) return existing;
    await this.users.requireUser(receiverId, user);
    const opened = await this.directConversations.open(user.userId, receiverId);
    if (opened === null) throw (await this.blocks.isBlockedFor(user.userId, [receiverId])) ? userNotReachable() : userDeleted();
    this.relay.wake();
    return this.getConversation(user, opened);
  }

  /** The entry of a conversation that is not found is deleted: the second call reads it again. */
  async #existing(user: AuthenticatedUser, receiverId: string): Promise<ChatConversation | undefined> {
    const id = await this.directConversations.find(user.userId, receiverId);
    if (id === null) return undefined;
    const [conversation] = await this.conversations.byIds(user.userId, [id]);
    if (!conversation) this.directConversations.delete(user.userId, receiverId);
    return conversation;
  }

  async markConversationAsRead(
    user: AuthenticatedUser,
    conversationId: string,
    seq: number,
    omitsMembers: boolean,
  ): Promise<ConversationSummary> {
    await this.messages.requireMember(user, conversationId);
    await this.receipts.markRead(conversationId, user.userId, seq);
    return this.getSummary(user, conversationId, omitsMembers);
  }

  async markConversationAsDelivered(user: AuthenticatedUser, conversationId: string, seq: number): Promise<void> {
    await this.messages.requireMember(user, conversationId);
    await this.receipts.markDelivered(conversationId, user.userId, seq);
  }
}
