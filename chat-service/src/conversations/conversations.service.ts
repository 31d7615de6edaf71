import type { AuthenticatedUser } from '@chat/shared/auth';
import { currentContext } from '@chat/shared/observability';
import { type ChatConversation, type Paginated, paginated } from '@chat/shared/contracts';
import { newId } from '@chat/shared/database';
import { OutboxRelay } from '@chat/shared/outbox';
import { Injectable } from '@nestjs/common';
import { ReadQueries, type Statement } from '../database/prepared-queries.js';
import { ReceiptsService } from '../receipts/receipts.service.js';
import { personIsGone } from '../users/users.errors.js';
import { UsersService } from '../users/users.service.js';
import { ConversationViews } from './conversation-views.js';
import { conversationNotFound, conversationWithOneself } from './conversations.errors.js';
import { DirectConversationIds } from './direct-conversation-ids.js';

@Injectable()
export class ConversationsService {
  constructor(
    private readonly queries: ReadQueries,
    private readonly views: ConversationViews,
    private readonly directIds: DirectConversationIds,
    private readonly receipts: ReceiptsService,
    private readonly users: UsersService,
    private readonly relay: OutboxRelay,
  ) {}

  async getConversations(caller: AuthenticatedUser, page: number, limit: number): Promise<Paginated<ChatConversation>> {
    const { conversations, total } = await this.views.page(caller.userId, page, limit);
    return paginated(conversations, total, page, limit);
  }

  async getConversation(caller: AuthenticatedUser, conversationId: string): Promise<ChatConversation> {
    const [conversation] = await this.views.some(caller.userId, [conversationId]);
    if (!conversation) throw conversationNotFound();
    return conversation;
  }

  /** Those of the conversations that the caller is in, in the order asked. */
  async getSome(caller: AuthenticatedUser, conversationIds: string[]): Promise<ChatConversation[]> {
    return this.views.some(caller.userId, conversationIds);
  }

  /** The direct conversation with a person, made if there is none. */
  async openDirect(caller: AuthenticatedUser, receiverId: string): Promise<ChatConversation> {
    const existing = await this.findDirect(caller, receiverId);
    if (existing !== null) return this.getConversation(caller, existing);
    await this.users.requireUser(receiverId, caller.token);
    const context = currentContext();
    const opened = await this.queries.row<{ id: string | null }>(OPEN_DIRECT, [
      caller.userId,
      receiverId,
      newId(),
      newId(),
      context?.correlationId ?? null,
      context?.traceparent ?? null,
    ]);
    if (!opened?.id) throw personIsGone();
    this.relay.wake();
    return this.getConversation(caller, opened.id);
  }

  async markConversationAsRead(caller: AuthenticatedUser, conversationId: string, seq: number): Promise<ChatConversation> {
    await this.lastSeqFor(caller, conversationId);
    await this.receipts.markRead(conversationId, caller.userId, seq);
    return this.getConversation(caller, conversationId);
  }

  /** The id of the direct conversation with another person; null when there is none yet. */
  async findDirect(caller: AuthenticatedUser, receiverId: string): Promise<string | null> {
    if (receiverId === caller.userId) throw conversationWithOneself();
    const known = this.directIds.get(caller.userId, receiverId);
    if (known !== undefined) return known;
    const found = await this.queries.row<{ id: string }>(FIND_DIRECT, [caller.userId, receiverId]);
    if (!found) return null;
    this.directIds.set(caller.userId, receiverId, found.id);
    return found.id;
  }

  /** The newest seq of a conversation; NOT_FOUND for who is not in it. */
  async lastSeqFor(caller: AuthenticatedUser, conversationId: string): Promise<number> {
    const row = await this.queries.row<{ last_seq: number }>(LAST_SEQ, [conversationId, caller.userId]);
    if (!row) throw conversationNotFound();
    return row.last_seq;
  }
}

const FIND_DIRECT: Statement = {
  name: 'find_direct_conversation',
  text: `select id from conversations where direct_low = least($1::uuid, $2::uuid) and direct_high = greatest($1::uuid, $2::uuid)`,
};

const OPEN_DIRECT: Statement = {
  name: 'open_direct_conversation',
  text: `select open_direct_conversation($1, $2, $3, $4, $5, $6) as id`,
};

const LAST_SEQ: Statement = {
  name: 'last_seq_for_member',
  text: `
    select c.last_seq from conversations c
      join members me on me.conversation_id = c.id and me.user_id = $2
      where c.id = $1`,
};
