import { OutboxRelay } from '@chat/shared/outbox';
import { Injectable } from '@nestjs/common';
import { SendQueries } from '../database/queries.js';
import { UsersService } from '../users/users.service.js';
import { DirectConversations } from './direct-conversations.js';
import { GroupCommit, type Outcome } from './group-commit.js';
import { MessageBatch, type SendOutcome } from './message-batch.js';
import { MessageStore, type PendingSend } from './message-store.js';
import { sendTimedOut, tooManySends } from './messages.errors.js';
import { sendsDeferred, sendsWaiting } from './messages.metrics.js';
import { SendsByKey } from './sends-by-key.js';

const MAX_BATCH = 128;
const MAX_WAITING = 2048;
const DEADLINE_MS = 3000;

/**
 * The only way by which messages get into the database: one transaction at a time in a process, with up to 128 messages. Messages are stored in
 * the order in which `write` is called, whether or not their conversation exists. Answers come after the commit; then the relay publishes the events.
 *
 * The conversation of a message is resolved here, in the order of the queue and nowhere before it: a look-up before the queue would let a later
 * message overtake an earlier one. The first message to a user is stored alone, as it creates the conversation. If this service does not know
 * the receiver yet, that message and later ones from its sender to that receiver wait until auth-service has answered. If another transaction
 * has locked what a message needs, that message and later ones from its sender in that conversation are tried again. No other message waits.
 *
 * A clientMessageId is never in a batch twice (`SendsByKey`).
 */
@Injectable()
export class MessageBatchWriter {
  readonly #commits = new GroupCommit<PendingSend, SendOutcome>({
    maxBatch: MAX_BATCH,
    keysOf: (send) => this.#keysOf(send),
    prepare: (batch, deferred) => this.#resolveConversations(batch, deferred),
    run: (batch) => this.#run(batch),
    maxWaiting: MAX_WAITING,
    deadlineMs: DEADLINE_MS,
    full: tooManySends,
    late: sendTimedOut,
  });
  readonly #lookedUpAgain = new WeakSet<PendingSend>();
  readonly #sends = new SendsByKey((send) => this.#commits.submit(send));

  constructor(
    private readonly queries: SendQueries,
    private readonly store: MessageStore,
    private readonly directConversations: DirectConversations,
    private readonly users: UsersService,
    private readonly relay: OutboxRelay,
  ) {}

  write(send: PendingSend): Promise<SendOutcome> {
    return this.#sends.write(send);
  }

  /** Messages of one sender in one conversation keep their order, whether they name the conversation or the receiver. */
  #keysOf(send: PendingSend): string[] {
    const conversationId = send.conversationId ?? this.#directIdOf(send);
    return [send.receiverId, conversationId].flatMap((id) => (id === null ? [] : [send.sender.userId + id]));
  }

  #directIdOf({ sender, receiverId }: PendingSend): string | null {
    return receiverId === null ? null : this.directConversations.known(sender.userId, receiverId);
  }

  /**
   * Looks up the direct conversations that this process does not know, in one query: of the messages of the batch, and of deferred ones whose
   * senders have messages in it that name a conversation, as that may be the same one.
   */
  #resolveConversations(batch: PendingSend[], deferred: PendingSend[]): Promise<void> | undefined {
    const isUnknown = (send: PendingSend) => send.receiverId !== null && this.#directIdOf(send) === null;
    const unknown = batch.filter(isUnknown);
    if (deferred.length > 0) {
      const senders = new Set(batch.flatMap(({ sender, receiverId }) => (receiverId === null ? [sender.userId] : [])));
      unknown.push(...deferred.filter((send) => isUnknown(send) && senders.has(send.sender.userId)));
    }
    if (unknown.length === 0) return undefined;
    return this.directConversations.lookUp(
      this.queries,
      unknown.map(({ sender, receiverId }) => [sender.userId, receiverId!]),
    );
  }

  async #run(sends: PendingSend[]): Promise<Outcome<SendOutcome>[]> {
    sendsWaiting.set(this.#commits.waiting);
    sendsDeferred.set(this.#commits.deferred);
    const { queries, store, directConversations, users } = this;
    const keysOf = (send: PendingSend) => this.#keysOf(send);
    const batch = new MessageBatch(sends, { queries, store, directConversations, users, keysOf, lookedUpAgain: this.#lookedUpAgain });
    const outcomes = await batch.run();
    // The transaction may have committed although its answer was lost.
    if (outcomes.some(({ status }) => status === 'rejected')) this.relay.wake();
    return outcomes;
  }
}
