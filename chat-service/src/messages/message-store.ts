import type { AuthenticatedUser } from '@chat/shared/auth';
import { newId } from '@chat/shared/database';
import { isTransient } from '@chat/shared/errors';
import { Injectable } from '@nestjs/common';
import { SendQueries, type Statement } from '../database/queries.js';
import { sendBatchSize, sendSeconds } from './messages.metrics.js';

/** A message that waits to be stored, addressed by receiver, by conversation, or by both, which must match. */
export interface PendingSend {
  sender: AuthenticatedUser;
  receiverId: string | null;
  conversationId: string | null;
  clientMessageId: string | null;
  content: string;
  correlationId: string | null;
  traceparent: string | null;
}

/**
 * - `repeated`: the key was used for the same message before
 * - `conflict`: the key was used for another message
 * - `closed`: the other user deleted the account
 * - `no-conversation`: there is no such conversation, or the sender is not a member
 */
export type StoreOutcome = SendRow | { outcome: 'no-conversation' };

export interface SendRow {
  outcome: 'stored' | 'repeated' | 'conflict' | 'closed';
  message_id: string;
  conversation_id: string;
  seq: number;
  receiver_id: string | null;
  sent_at: string;
}

export type Addressed = PendingSend & { conversationId: string };

type Stored = PromiseSettledResult<StoreOutcome>;

const UNIQUE_VIOLATION = '23505';

/** Stores messages by the functions of sql/, one transaction for each call. Errors are outcomes, so that one send does not fail the others. */
@Injectable()
export class MessageStore {
  constructor(private readonly queries: SendQueries) {}

  /** Stores them in their order; a key must not be in the list twice. A single message is stored by the cheaper function for one. */
  async storeAll(sends: Addressed[]): Promise<Stored[]> {
    if (sends.length === 1) return [await this.#storeOne(sends[0]!)];
    try {
      return (await this.#measured(sends.length, () => this.#sendMessages(sends))).map(fulfilled);
    } catch (error) {
      if (isTransient(error)) return sends.map(() => ({ status: 'rejected', reason: error }));
      // One of them caused it, for instance with a key that another process used at the same moment. None is stored: each is tried alone.
      const outcomes: Stored[] = [];
      for (const send of sends) outcomes.push(await this.#storeOne(send));
      return outcomes;
    }
  }

  /** The first message to its receiver, which creates the conversation unless another transaction has created it meanwhile. */
  storeFirst(send: PendingSend): Promise<Stored> {
    return this.#settle(() => this.#row(SEND_FIRST_MESSAGE, [send.receiverId, ...messageOf(send), newId(), newId()]));
  }

  #storeOne(send: Addressed): Promise<Stored> {
    return this.#settle(() => this.#row(SEND_MESSAGE, [send.conversationId, ...messageOf(send)]));
  }

  async #settle(store: () => Promise<StoreOutcome>): Promise<Stored> {
    try {
      return fulfilled(await this.#measured(1, store));
    } catch (error) {
      if ((error as { code?: unknown }).code !== UNIQUE_VIOLATION) return { status: 'rejected', reason: error };
    }
    try {
      // Another transaction used the key while this one was running. It has committed, so the second attempt sees it.
      return fulfilled(await this.#measured(1, store));
    } catch (error) {
      return { status: 'rejected', reason: error };
    }
  }

  async #measured<T>(size: number, store: () => Promise<T>): Promise<T> {
    sendBatchSize.observe(size);
    const startedAt = performance.now();
    try {
      return await store();
    } finally {
      sendSeconds.observe((performance.now() - startedAt) / 1000);
    }
  }

  async #row(statement: Statement, values: unknown[]): Promise<StoreOutcome> {
    return (await this.queries.row<SendRow>(statement, values)) ?? NO_CONVERSATION;
  }

  async #sendMessages(sends: Addressed[]): Promise<StoreOutcome[]> {
    const rows = await this.queries.rows<SendRow & { item: number }>(SEND_MESSAGES, [
      sends.map((send) => send.conversationId),
      sends.map((send) => send.sender.userId),
      sends.map((send) => send.clientMessageId),
      sends.map(newId),
      sends.map((send) => send.content),
      sends.map(newId),
      sends.map((send) => send.correlationId),
      sends.map((send) => send.traceparent),
    ]);
    const outcomes = sends.map((): StoreOutcome => NO_CONVERSATION);
    for (const row of rows) outcomes[row.item - 1] = row;
    return outcomes;
  }
}

function messageOf({ sender, clientMessageId, content, correlationId, traceparent }: PendingSend): unknown[] {
  return [sender.userId, clientMessageId, newId(), content, newId(), correlationId, traceparent];
}

const NO_CONVERSATION = { outcome: 'no-conversation' } as const;

const SEND_MESSAGE: Statement = { name: 'send_message', text: 'select * from send_message($1, $2, $3, $4, $5, $6, $7, $8)' };
const SEND_MESSAGES: Statement = { name: 'send_messages', text: 'select * from send_messages($1, $2, $3, $4, $5, $6, $7, $8)' };
const SEND_FIRST_MESSAGE: Statement = {
  name: 'send_first_message',
  text: 'select * from send_first_message($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)',
};

const fulfilled = (value: StoreOutcome): Stored => ({ status: 'fulfilled', value });
