import type { AuthenticatedUser } from '@chat/shared/auth';
import type { ChatMessage } from '@chat/shared/contracts';
import { newId } from '@chat/shared/database';
import { currentContext } from '@chat/shared/observability';
import { OutboxRelay } from '@chat/shared/outbox';
import { Injectable } from '@nestjs/common';
import { userNotReachable } from '../blocks/blocks.errors.js';
import { retryWhileLocked } from '../database/locks.js';
import { ReadQueries, type Statement } from '../database/queries.js';
import { ReleasedFiles } from '../files/released-files.js';
import { rolesWith } from '../roles/permissions.js';
import { requireEmoji } from './emoji.js';
import { emptyMessage, messageDeleted, messageNotFound, notDeletable, notOwnMessage, tooManyEmojis } from './messages.errors.js';
import { MessagesService } from './messages.service.js';

const MAX_EMOJIS_PER_MESSAGE = 20;
const ROLES_THAT_DELETE = rolesWith('delete messages of others');

/** What the functions of sql/ return; only `changed` has changed something. */
type ChangeOutcome = 'changed' | 'unchanged' | 'not-found' | 'forbidden' | 'deleted' | 'blocked' | 'too-many' | 'empty';

/**
 * Changes of stored messages: this is the only place that changes a content. Each is one transaction, which holds the lock of the conversation and writes
 * the event; a change that changes nothing has no event. Every method answers with the message as it is afterwards.
 */
@Injectable()
export class MessageChangesService {
  constructor(
    private readonly queries: ReadQueries,
    private readonly messages: MessagesService,
    private readonly relay: OutboxRelay,
    private readonly released: ReleasedFiles,
  ) {}

  /** Own messages only. The earlier content stays readable as a version. */
  async editMessage(user: AuthenticatedUser, messageId: string, content: string): Promise<ChatMessage> {
    return this.#change(user, messageId, EDIT_MESSAGE, [content], notOwnMessage);
  }

  /** Makes a message a tombstone: an own one, or, by an owner or admin of a group, any. A tombstone stays as it is. */
  async deleteMessage(user: AuthenticatedUser, messageId: string): Promise<ChatMessage> {
    const tombstone = await this.#change(user, messageId, DELETE_MESSAGE, [ROLES_THAT_DELETE], notDeletable);
    this.released.wake();
    return tombstone;
  }

  async addReaction(user: AuthenticatedUser, messageId: string, emoji: string): Promise<ChatMessage> {
    return this.#change(user, messageId, CHANGE_REACTION, [requireEmoji(emoji), true, MAX_EMOJIS_PER_MESSAGE]);
  }

  async removeReaction(user: AuthenticatedUser, messageId: string, emoji: string): Promise<ChatMessage> {
    return this.#change(user, messageId, CHANGE_REACTION, [requireEmoji(emoji), false, MAX_EMOJIS_PER_MESSAGE]);
  }

  async #change(
    user: AuthenticatedUser,
    messageId: string,
    statement: Statement,
    values: unknown[],
    forbidden = messageNotFound,
  ): Promise<ChatMessage> {
    const { correlationId = null, traceparent = null } = currentContext() ?? {};
    const all = [user.userId, messageId, ...values, newId(), correlationId, traceparent];
    const row = await retryWhileLocked(() => this.queries.row<{ outcome: ChangeOutcome }>(statement, all));
    switch (row!.outcome) {
      case 'not-found':
        throw messageNotFound();
      case 'forbidden':
        throw forbidden();
      case 'deleted':
        throw messageDeleted();
      case 'blocked':
        throw userNotReachable();
      case 'too-many':
        throw tooManyEmojis();
      case 'empty':
        throw emptyMessage();
      case 'changed':
        this.relay.wake();
    }
    return this.messages.getMessage(user, messageId);
  }
}

/** sql/edit_message.sql */
const EDIT_MESSAGE: Statement = { name: 'edit_message', text: 'select edit_message($1, $2, $3, $4, $5, $6) as outcome' };

/** sql/delete_message.sql */
const DELETE_MESSAGE: Statement = { name: 'delete_message', text: 'select delete_message($1, $2, $3, $4, $5, $6) as outcome' };

/** sql/change_reaction.sql */
const CHANGE_REACTION: Statement = {
  name: 'change_reaction',
  text: 'select change_reaction($1, $2, $3, $4, $5, $6, $7, $8) as outcome',
};
