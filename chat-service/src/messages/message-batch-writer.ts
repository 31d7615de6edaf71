import { OutboxRelay } from '@chat/shared/outbox';
import { Injectable } from '@nestjs/common';
import { SendQueries } from '../database/queries.js';
import { UsersService } from '../users/users.service.js';
import { DirectConversations } from './direct-conversations.js';
import { GroupCommit, type Outcome } from './group-commit.js';
import { type Addressed, MessageStore, type PendingSend, type StoreOutcome } from './message-store.js';
import { sendTimedOut, tooManySends } from './messages.errors.js';
import { sendsWaiting } from './messages.metrics.js';
import { SendsByKey } from './sends-by-key.js';

/** `recipient-mismatch`: the conversation is not the direct conversation with the receiver. */
export type SendOutcome = StoreOutcome | { outcome: 'recipient-mismatch' };

const MAX_BATCH = 128;
const MAX_WAITING = 2048;
const DEADLINE_MS = 3000;

/**
 * The only way by which messages get into the database: one transaction at a time in a process, with up to 128 messages. Messages are stored in
 * the order in which `write` is called, whether or not their conversation exists. Answers come after the commit; then the relay is woken.
 *
 * The conversation of a message is resolved here, in the order of the queue and nowhere before it: a look-up before the queue would let a later
 * message overtake an earlier one. The first message to a user is stored alone, as it creates the conversation. If this service does not know
 * the receiver yet, that message and later ones from its sender to that receiver wait until auth-service has answered.
 *
 * A clientMessageId is never in a batch twice (`SendsByKey`).
 */
@Injectable()
export class MessageBatchWriter {
  readonly #commits = new GroupCommit<PendingSend, SendOutcome>({
    maxBatch: MAX_BATCH,
    keyOf: addressOf,
    run: (batch) => this.#run(batch),
    maxWaiting: MAX_WAITING,
    deadlineMs: DEADLINE_MS,
    full: tooManySends,
    late: sendTimedOut,
  });
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

  async #run(batch: PendingSend[]): Promise<Outcome<SendOutcome>[]> {
    sendsWaiting.set(this.#commits.waiting);
    let directIds: (string | null)[];
    let knownReceivers: Set<string>;
    try {
      directIds = await this.#directIdsOf(batch);
      knownReceivers = await this.#knownReceiversOf(batch, directIds);
    } catch (reason) {
      return batch.map(() => ({ status: 'rejected', reason }));
    }
    const outcomes: Outcome<SendOutcome>[] = [];
    const deferred = new Map<string, Outcome<SendOutcome>>();
    let together: { i: number; send: Addressed }[] = [];
    const storeTogether = async () => {
      const stored = together.length > 0 ? await this.store.storeAll(together.map(({ send }) => send)) : [];
      together.forEach(({ i }, n) => (outcomes[i] = stored[n]!));
      together = [];
    };
    for (const [i, send] of batch.entries()) {
      const before = deferred.size > 0 ? deferred.get(addressOf(send)) : undefined;
      // An earlier message of the batch may have created it.
      const directId = directIds[i] ?? this.#directIdOf(send);
      const conversationId = send.conversationId ?? directId;
      if (before) outcomes[i] = before;
      else if (send.receiverId !== null && conversationId !== directId) outcomes[i] = MISMATCH;
      else if (conversationId !== null) together.push({ i, send: { ...send, conversationId } });
      else if (!knownReceivers.has(send.receiverId!)) deferred.set(addressOf(send), (outcomes[i] = this.#defer(send)));
      else {
        await storeTogether();
        outcomes[i] = await this.#storeFirst(send);
      }
    }
    await storeTogether();
    this.relay.wake();
    return outcomes;
  }

  /** For each message, its direct conversation with the receiver. Null: the message has no receiver, or there is no conversation yet. */
  async #directIdsOf(batch: PendingSend[]): Promise<(string | null)[]> {
    const known = batch.map((send) => this.#directIdOf(send));
    const unknown = batch.filter(({ receiverId }, i) => receiverId !== null && known[i] === null);
    if (unknown.length === 0) return known;
    await this.directConversations.lookUp(
      this.queries,
      unknown.map(({ sender, receiverId }) => [sender.userId, receiverId!]),
    );
    return batch.map((send) => this.#directIdOf(send));
  }

  #directIdOf({ sender, receiverId }: PendingSend): string | null {
    return receiverId === null ? null : this.directConversations.known(sender.userId, receiverId);
  }

  /** The receivers of first messages that this service knows: one query for the batch, as all senders wait for it. */
  async #knownReceiversOf(batch: PendingSend[], directIds: (string | null)[]): Promise<Set<string>> {
    const first = batch.flatMap(({ receiverId, conversationId }, i) =>
      receiverId !== null && conversationId === null && directIds[i] === null ? [receiverId] : [],
    );
    return first.length === 0 ? new Set() : await this.users.findKnown(this.queries, [...new Set(first)]);
  }

  #defer({ sender, receiverId }: PendingSend): Outcome<SendOutcome> {
    const until = this.users.requireUser(receiverId!, sender.token);
    until.catch(() => {}); // the deferred sends receive the error; it must be handled although they start to wait later
    return { status: 'deferred', until };
  }

  async #storeFirst(send: PendingSend): Promise<Outcome<SendOutcome>> {
    const stored = await this.store.storeFirst(send);
    if (stored.status === 'fulfilled' && stored.value.outcome === 'stored')
      this.directConversations.remember(send.sender.userId, send.receiverId!, stored.value.conversation_id);
    return stored;
  }
}

const MISMATCH: Outcome<SendOutcome> = { status: 'fulfilled', value: { outcome: 'recipient-mismatch' } };

/** Messages from one sender to one receiver wait for each other while the receiver is unknown. */
function addressOf({ sender, receiverId, conversationId }: PendingSend): string {
  return receiverId === null ? conversationId! : sender.userId + receiverId;
}
