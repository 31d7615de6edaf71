import type { AuthenticatedUser } from '@chat/shared/auth';
import { newId } from '@chat/shared/database';
import { isTransient } from '@chat/shared/errors';
import { OutboxRelay } from '@chat/shared/outbox';
import { Injectable } from '@nestjs/common';
import { isLocked } from '../database/locks.js';
import { SendQueries, type Statement } from '../database/queries.js';
import type { Outcome } from './group-commit.js';
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

type Stored = Outcome<StoreOutcome>;
type Row = Omit<SendRow, 'outcome'> & { outcome: SendRow['outcome'] | 'locked' };

const UNIQUE_VIOLATION = '23505';

/**
 * Stores messages by the functions of sql/, one transaction for each call. Errors are outcomes, so that one send does not fail the others. So
 * are locks of other transactions: no call waits for them, and the send is deferred.
 */
@Injectable()
export class MessageStore {
  constructor(
    private readonly queries: SendQueries,
    private readonly relay: OutboxRelay,
  ) {}

  /** Stores them in their order; a key must not be in the list twice. A single message is stored by the cheaper function for one. */
  async storeAll(sends: Addressed[]): Promise<Stored[]> {
    if (sends.length === 1) return [await this.#storeOne(sends[0]!)];
    try {
      return await this.#measured(sends.length, () => this.#storeMessages(sends));
    } catch (reason) {
      if (isTransient(reason) && !isLocked(reason)) return sends.map(() => ({ status: 'rejected', reason }));
      // One of them caused it, for instance with a key that another process used at the same moment. None is stored: each is tried alone.
      return this.#storeOneByOne(sends);
    }
  }

  /** Ends with the first transient error, as the database is unavailable. What is deferred defers later sends of its sender in its conversation. */
  async #storeOneByOne(sends: Addressed[]): Promise<Stored[]> {
    const outcomes: Stored[] = [];
    const deferred = new Set<string>();
    for (const send of sends) {
      const last = outcomes.at(-1);
      const pair = send.sender.userId + send.conversationId;
      if (last?.status === 'rejected' && isTransient(last.reason)) outcomes.push(last);
      else if (deferred.has(pair)) outcomes.push(LOCKED);
      else outcomes.push(await this.#storeOne(send));
      if (outcomes.at(-1)!.status === 'deferred') deferred.add(pair);
    }
    return outcomes;
  }

  /** The first message to its receiver, which creates the conversation unless another transaction has created it meanwhile. */
  storeFirst(send: PendingSend): Promise<Stored> {
    return this.#settle(() => {
      // See MembershipBackfill.
      const { isActive } = this.relay;
      return this.#row(STORE_MESSAGE_TO_USER, [send.receiverId, ...messageOf(send), newId(), newId(), isActive]);
    });
  }

  #storeOne(send: Addressed): Promise<Stored> {
    return this.#settle(() => this.#row(STORE_MESSAGE, [send.conversationId, ...messageOf(send)]));
  }

  async #settle(store: () => Promise<Stored>, isSecond = false): Promise<Stored> {
    try {
      return await this.#measured(1, store);
    } catch (reason) {
      if (isLocked(reason)) return LOCKED;
      // Another transaction used the key while this one was running. It has committed, so the second attempt sees it.
      if (!isSecond && (reason as { code?: unknown }).code === UNIQUE_VIOLATION) return this.#settle(store, true);
      return { status: 'rejected', reason };
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

  async #row(statement: Statement, values: unknown[]): Promise<Stored> {
    return outcomeOf(await this.queries.row<Row>(statement, values));
  }

  async #storeMessages(sends: Addressed[]): Promise<Stored[]> {
    const rows = await this.queries.rows<Row & { item: number }>(STORE_MESSAGES, [
      sends.map((send) => send.conversationId),
      sends.map((send) => send.sender.userId),
      sends.map((send) => send.clientMessageId),
      sends.map(newId),
      sends.map((send) => send.content),
      sends.map(newId),
      sends.map((send) => send.correlationId),
      sends.map((send) => send.traceparent),
    ]);
    const outcomes = sends.map(() => outcomeOf(undefined));
    for (const row of rows) outcomes[row.item - 1] = outcomeOf(row);
    return outcomes;
  }
}

function messageOf({ sender, clientMessageId, content, correlationId, traceparent }: PendingSend): unknown[] {
  return [sender.userId, clientMessageId, newId(), content, newId(), correlationId, traceparent];
}

const LOCKED: Stored = { status: 'deferred', until: null };

function outcomeOf(row: Row | undefined): Stored {
  if (row?.outcome === 'locked') return LOCKED;
  return { status: 'fulfilled', value: row ? (row as SendRow) : { outcome: 'no-conversation' } };
}

const STORE_MESSAGE: Statement = { name: 'store_message', text: 'select * from store_message($1, $2, $3, $4, $5, $6, $7, $8)' };
const STORE_MESSAGES: Statement = { name: 'store_messages', text: 'select * from store_messages($1, $2, $3, $4, $5, $6, $7, $8)' };
const STORE_MESSAGE_TO_USER: Statement = {
  name: 'store_message_to_user',
  text: 'select * from store_message_to_user($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)',
};
