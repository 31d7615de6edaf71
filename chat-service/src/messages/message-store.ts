import type { AuthenticatedUser } from '@chat/shared/auth';
import { newId } from '@chat/shared/database';
import { isTransient } from '@chat/shared/errors';
import { type CommittedRows, OutboxRelay } from '@chat/shared/outbox';
import { Injectable } from '@nestjs/common';
import { isLocked } from '../database/locks.js';
import { SendQueries, type Statement } from '../database/queries.js';
import type { Outcome } from './group-commit.js';
import { messageCreatedRow } from './messages.events.js';
import { sendBatchSize, sendSeconds } from './messages.metrics.js';

/** A message that waits to be stored, addressed by receiver, by conversation, or by both, which must match. */
export interface PendingSend {
  sender: AuthenticatedUser;
  receiverId: string | null;
  conversationId: string | null;
  clientMessageId: string | null;
  content: string;
  replyToId: string | null;
  /** Each user once; null for none. */
  mentions: string[] | null;
  /** Each upload once; null for none. */
  attachmentIds: string[] | null;
  correlationId: string | null;
  traceparent: string | null;
}

/**
 * - `repeated`: the key was used for the same message before
 * - `conflict`: the key was used for another message
 * - `closed`: the other user deleted the account
 * - `blocked`: one of the two users has blocked the other
 * - `no-reply-target`: the conversation has no message `replyToId`
 * - `no-such-member`: a mentioned user is not a member
 * - `no-attachment`: an upload is not one of the sender for messages, is not completed, or is used already
 * - `no-conversation`: there is no such conversation, or the sender is not a member
 */
export type StoreOutcome = SendRow | { outcome: 'no-conversation' };

export interface SendRow {
  outcome: 'stored' | 'repeated' | 'conflict' | 'closed' | 'blocked' | 'no-reply-target' | 'no-such-member' | 'no-attachment';
  message_id: string;
  conversation_id: string;
  seq: number;
  receiver_id: string | null;
  sent_at: string;
}

export type Addressed = PendingSend & { conversationId: string };

type Stored = Outcome<StoreOutcome>;
type Row = Omit<SendRow, 'outcome'> & {
  outcome: SendRow['outcome'] | 'locked';
  /** Of a stored message: the id of the last outbox row of the transaction. */
  last_event_id: string | null;
};

const UNIQUE_VIOLATION = '23505';

/**
 * Stores messages by the functions of sql/, one transaction for each call, and passes their events to the relay after the commit. Errors are
 * outcomes, so that one send does not fail the others. So are locks of other transactions: no call waits for them, and the send is deferred.
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
    return this.#settle(async () => {
      // See MembershipBackfill.
      const { isActive } = this.relay;
      const values = [send.receiverId, ...messageOf(send, newId()), newId(), newId(), isActive, send.attachmentIds];
      const row = await this.queries.row<Row>(STORE_MESSAGE_TO_USER, values);
      this.relay.wake();
      return outcomeOf(row);
    });
  }

  #storeOne(send: Addressed): Promise<Stored> {
    return this.#settle(async () => {
      const values = [send.conversationId, ...messageOf(send, newId())];
      if (send.attachmentIds !== null) {
        const row = await this.queries.row<Row>(STORE_MESSAGE_WITH_ATTACHMENTS, [...values, send.attachmentIds]);
        // The relay reads the event, as only the function knows what was attached.
        this.relay.wake();
        return outcomeOf(row);
      }
      const row = await this.queries.row<Row>(STORE_MESSAGE, values);
      if (row) this.#offer([{ row, send }]);
      return outcomeOf(row);
    });
  }

  /** The rows in the order in which the function has written their events. */
  #offer(all: { row: Row; send: Addressed }[]): void {
    const stored = all.filter(({ row }) => row.outcome === 'stored');
    if (stored.length === 0) return;
    const rows: CommittedRows['rows'] = stored.map(({ row, send }) => messageCreatedRow(row, send));
    this.relay.offer({ rows, lastId: Number(stored[0]!.row.last_event_id) });
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

  async #storeMessages(sends: Addressed[]): Promise<Stored[]> {
    const messageIds = sends.map(newId);
    const rows = await this.queries.rows<Row & { item: number }>(STORE_MESSAGES, [
      sends.map((send) => send.conversationId),
      sends.map((send) => send.sender.userId),
      sends.map((send) => send.clientMessageId),
      messageIds,
      sends.map((send) => send.content),
      sends.map((send) => send.replyToId),
      sends.map((send) => send.mentions && `{${send.mentions.join()}}`),
      messageIds,
      sends.map((send) => send.correlationId),
      sends.map((send) => send.traceparent),
    ]);
    rows.sort((a, b) => a.item - b.item);
    this.#offer(rows.map((row) => ({ row, send: sends[row.item - 1]! })));
    const outcomes = sends.map(() => outcomeOf(undefined));
    for (const row of rows) outcomes[row.item - 1] = outcomeOf(row);
    return outcomes;
  }
}

/** The event has the id of the message: so the feed finds the event of a message. */
function messageOf({ sender, clientMessageId, content, replyToId, mentions, ...send }: PendingSend, id: string): unknown[] {
  return [sender.userId, clientMessageId, id, content, replyToId, mentions, id, send.correlationId, send.traceparent];
}

const LOCKED: Stored = { status: 'deferred', until: null };

function outcomeOf(row: Row | undefined): Stored {
  if (row?.outcome === 'locked') return LOCKED;
  return { status: 'fulfilled', value: row ? (row as SendRow) : { outcome: 'no-conversation' } };
}

/** The functions have written all their rows when their first result is read. The value of the sequence is undefined in a session that wrote none. */
const LAST_EVENT_ID = `case s.outcome when 'stored' then currval('outbox_id_seq') end as last_event_id`;
const STORE_MESSAGE: Statement = {
  name: 'store_message',
  text: `select s.*, ${LAST_EVENT_ID} from store_message($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, null) s`,
};
const STORE_MESSAGE_WITH_ATTACHMENTS: Statement = {
  name: 'store_message_with_attachments',
  text: 'select s.* from store_message($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) s',
};
const STORE_MESSAGES: Statement = {
  name: 'store_messages',
  text: `select s.*, ${LAST_EVENT_ID} from store_messages($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) s`,
};
const STORE_MESSAGE_TO_USER: Statement = {
  name: 'store_message_to_user',
  text: 'select * from store_message_to_user($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)',
};
