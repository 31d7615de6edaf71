import { newId } from '@chat/shared/database';
import { isTransient } from '@chat/shared/errors';
import { OutboxRelay } from '@chat/shared/outbox';
import { Injectable } from '@nestjs/common';
import { DirectConversationIds } from '../conversations/direct-conversation-ids.js';
import { SendQueries, type Statement } from '../database/prepared-queries.js';
import { GroupCommit } from './group-commit.js';
import { sendTimedOut, tooManySends } from './messages.errors.js';
import { sendBatchSize, sendSeconds, sendsWaiting } from './send-lane.metrics.js';

/** A message that waits to be stored. Without conversationId it is the first one to receiverId, and makes the conversation. */
export interface PendingSend {
  senderId: string;
  conversationId: string | null;
  receiverId: string | null;
  clientMessageId: string | null;
  content: string;
  correlationId: string | null;
  traceparent: string | null;
}

export type SendOutcome =
  | { outcome: 'stored'; messageId: string; conversationId: string; seq: number; receiverId: string | null; sentAt: string }
  /** The key was used for the same message before. */
  | { outcome: 'repeated'; messageId: string }
  /** The key was used for another message. */
  | { outcome: 'conflict' }
  /** The other person deleted the account. */
  | { outcome: 'closed' }
  /** No such conversation, or the sender is not in it. */
  | { outcome: 'no-conversation' };

const MAX_BATCH = 128;
const MAX_WAITING = 2048;
const DEADLINE_MS = 3000;
const UNIQUE_VIOLATION = '23505';

/**
 * The one way by which messages get into the database: one transaction at a time per process, with up to 128 messages.
 * A message alone goes by the function for one. A first message to a person goes alone, as it makes the conversation.
 * Answers come after the commit; then the relay is woken.
 *
 * The same clientMessageId is never in a batch twice: who comes second shares the answer when it asks for the same, else waits.
 */
@Injectable()
export class SendLane {
  readonly #inFlight = new Map<string, { send: PendingSend; answer: Promise<SendOutcome> }>();
  readonly #commits = new GroupCommit<PendingSend, SendOutcome>({
    batchSize: (waiting) => this.#batchSize(waiting),
    run: (batch) => this.#run(batch),
    maxWaiting: MAX_WAITING,
    deadlineMs: DEADLINE_MS,
    full: tooManySends,
    late: sendTimedOut,
  });

  constructor(
    private readonly queries: SendQueries,
    private readonly directConversations: DirectConversationIds,
    private readonly relay: OutboxRelay,
  ) {}

  send(send: PendingSend): Promise<SendOutcome> {
    if (send.clientMessageId === null) return this.#commits.submit(send);
    const key = send.senderId + send.clientMessageId;
    const first = this.#inFlight.get(key);
    if (first) return isSameSend(first.send, send) ? first.answer : this.#sendAfter(first.answer, send);

    const answer = this.#commits.submit(send);
    this.#inFlight.set(key, { send, answer });
    const forget = () => this.#inFlight.delete(key);
    answer.then(forget, forget);
    return answer;
  }

  async #sendAfter(other: Promise<SendOutcome>, send: PendingSend): Promise<SendOutcome> {
    await other.catch(() => {}); // its sender has the error
    return this.send(send);
  }

  #batchSize(waiting: Iterable<PendingSend>): number {
    let size = 0;
    for (const send of waiting) {
      if (size === MAX_BATCH || this.#conversationOf(send) === null) break;
      size++;
    }
    return size;
  }

  /** A first message that waited behind another one of the same two people has a conversation by now. */
  #conversationOf(send: PendingSend): string | null {
    if (send.conversationId === null) send.conversationId = this.directConversations.get(send.senderId, send.receiverId!) ?? null;
    return send.conversationId;
  }

  async #run(batch: PendingSend[]): Promise<PromiseSettledResult<SendOutcome>[]> {
    sendsWaiting.set(this.#commits.waiting);
    sendBatchSize.observe(batch.length);
    const begunAt = performance.now();
    try {
      return batch.length === 1 ? [await this.#settleOne(batch[0]!)] : (await this.#sendMany(batch)).map(fulfilled);
    } catch (error) {
      if (isTransient(error)) return batch.map(() => ({ status: 'rejected', reason: error }));
      // One of them is at fault, such as a key that another process used at the same moment. None is stored: each tries alone.
      const outcomes: PromiseSettledResult<SendOutcome>[] = [];
      for (const send of batch) outcomes.push(await this.#settleOne(send));
      return outcomes;
    } finally {
      sendSeconds.observe((performance.now() - begunAt) / 1000);
      this.relay.wake();
    }
  }

  async #settleOne(send: PendingSend): Promise<PromiseSettledResult<SendOutcome>> {
    try {
      return fulfilled(await this.#sendOne(send));
    } catch (error) {
      if ((error as { code?: unknown }).code !== UNIQUE_VIOLATION) return { status: 'rejected', reason: error };
    }
    try {
      // The key was taken while this transaction was running; now the winner is there to be seen.
      return fulfilled(await this.#sendOne(send));
    } catch (error) {
      return { status: 'rejected', reason: error };
    }
  }

  async #sendOne(send: PendingSend): Promise<SendOutcome> {
    const { senderId, clientMessageId, content, correlationId, traceparent } = send;
    const message = [senderId, clientMessageId, newId(), content, newId(), correlationId, traceparent];
    if (send.conversationId !== null) return toOutcome(await this.queries.row<SendRow>(SEND_ONE, [send.conversationId, ...message]));

    const row = await this.queries.row<SendRow>(SEND_FIRST, [send.receiverId, ...message, newId(), newId()]);
    if (row?.outcome === 'stored') this.directConversations.set(senderId, send.receiverId!, row.conversation_id);
    return toOutcome(row);
  }

  async #sendMany(batch: PendingSend[]): Promise<SendOutcome[]> {
    const rows = await this.queries.rows<SendRow & { item: number }>(SEND_MANY, [
      batch.map((send) => send.conversationId),
      batch.map((send) => send.senderId),
      batch.map((send) => send.clientMessageId),
      batch.map(newId),
      batch.map((send) => send.content),
      batch.map(newId),
      batch.map((send) => send.correlationId),
      batch.map((send) => send.traceparent),
    ]);
    const outcomes = batch.map(() => toOutcome(undefined));
    for (const row of rows) outcomes[row.item - 1] = toOutcome(row);
    return outcomes;
  }
}

interface SendRow {
  outcome: 'stored' | 'repeated' | 'conflict' | 'closed';
  message_id: string;
  conversation_id: string;
  seq: number;
  receiver_id: string | null;
  sent_at: string;
}

const SEND_ONE: Statement = { name: 'send_message', text: 'select * from send_message($1, $2, $3, $4, $5, $6, $7, $8)' };
const SEND_MANY: Statement = { name: 'send_messages', text: 'select * from send_messages($1, $2, $3, $4, $5, $6, $7, $8)' };
const SEND_FIRST: Statement = {
  name: 'send_first_message',
  text: 'select * from send_first_message($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)',
};

function toOutcome(row: SendRow | undefined): SendOutcome {
  switch (row?.outcome) {
    case undefined:
      return { outcome: 'no-conversation' };
    case 'conflict':
    case 'closed':
      return { outcome: row.outcome };
    case 'repeated':
      return { outcome: 'repeated', messageId: row.message_id };
    case 'stored':
      return {
        outcome: 'stored',
        messageId: row.message_id,
        conversationId: row.conversation_id,
        seq: row.seq,
        receiverId: row.receiver_id,
        sentAt: row.sent_at,
      };
  }
}

function isSameSend(one: PendingSend, other: PendingSend): boolean {
  return one.conversationId === other.conversationId && one.receiverId === other.receiverId && one.content === other.content;
}

const fulfilled = (value: SendOutcome): PromiseSettledResult<SendOutcome> => ({ status: 'fulfilled', value });
