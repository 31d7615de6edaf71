import type { AuthenticatedUser } from '@chat/shared/auth';
import type { ChatConversation } from '@chat/shared/contracts';
import { newId } from '@chat/shared/database';
import { invalidInput } from '@chat/shared/http';
import { currentContext } from '@chat/shared/observability';
import { OutboxRelay } from '@chat/shared/outbox';
import { Injectable } from '@nestjs/common';
import { retryWhileLocked } from '../database/locks.js';
import { ReadQueries, type Statement } from '../database/queries.js';
import { conversationNotFound } from '../messages/messages.errors.js';
import { ConversationsService } from './conversations.service.js';

/** A client that mutes for ever gives a time that is far away. */
const MAX_MUTED_MS = 100 * 365.25 * 24 * 3_600_000;

/** A muted conversation makes no MESSAGE notification; its messages arrive and count as unread as before. Only the member sees that it is muted. */
@Injectable()
export class MutesService {
  constructor(
    private readonly queries: ReadQueries,
    private readonly conversations: ConversationsService,
    private readonly relay: OutboxRelay,
  ) {}

  /** `until` null: unmutes it. The time has milliseconds, like all others. */
  async muteConversation(user: AuthenticatedUser, conversationId: string, until: string | null): Promise<ChatConversation> {
    if (until !== null) requireNearFuture(until);
    const { correlationId = null, traceparent = null } = currentContext() ?? {};
    const values = [conversationId, user.userId, until && new Date(until).toISOString(), newId(), correlationId, traceparent];
    const row = await retryWhileLocked(() => this.queries.row<{ outcome: 'changed' | 'unchanged' | null }>(MUTE_CONVERSATION, values));
    if (row!.outcome === null) throw conversationNotFound();
    if (row!.outcome === 'changed') this.relay.wake();
    return this.conversations.getConversation(user, conversationId);
  }
}

function requireNearFuture(until: string): void {
  const inMs = Date.parse(until) - Date.now();
  if (Number.isNaN(inMs) || inMs <= 0 || inMs > MAX_MUTED_MS)
    throw invalidInput([{ field: 'until', message: 'until must be in the future, at most 100 years away' }]);
}

/** sql/mute_conversation.sql */
const MUTE_CONVERSATION: Statement = {
  name: 'mute_conversation',
  text: 'select mute_conversation($1, $2, $3, $4, $5, $6) as outcome',
};
