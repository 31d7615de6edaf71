import { isTransient } from '@chat/shared/errors';
import type { SendQueries } from '../database/queries.js';
import type { UsersService } from '../users/users.service.js';
import type { DirectConversations } from './direct-conversations.js';
import type { Outcome } from './group-commit.js';
import type { Addressed, MessageStore, PendingSend, StoreOutcome } from './message-store.js';

/** `recipient-mismatch`: the conversation is not the direct conversation with the receiver. */
export type SendOutcome = StoreOutcome | { outcome: 'recipient-mismatch' };

export interface MessageBatchParts {
  queries: SendQueries;
  store: MessageStore;
  directConversations: DirectConversations;
  users: UsersService;
  /** Messages that share a key keep their order. */
  keysOf(send: PendingSend): string[];
  /** Messages whose conversation was not as known, and was looked up again. */
  lookedUpAgain: WeakSet<PendingSend>;
}

/**
 * One batch of MessageBatchWriter: stores its messages in their order, those in existing conversations together. A message that has to wait is
 * deferred, and so are later ones with one of its keys. After a transient error nothing further is tried: the database is unavailable.
 */
export class MessageBatch {
  readonly #outcomes: Outcome<SendOutcome>[] = [];
  readonly #deferred = new Map<string, Outcome<SendOutcome>>();
  #together: { i: number; send: Addressed }[] = [];
  #failure: PromiseRejectedResult | null = null;

  constructor(
    private readonly sends: PendingSend[],
    private readonly parts: MessageBatchParts,
  ) {}

  /** The outcomes, in the order of the messages. Never rejects. */
  async run(): Promise<Outcome<SendOutcome>[]> {
    let knownReceivers: Set<string>;
    try {
      knownReceivers = await this.#knownReceivers();
    } catch (reason) {
      return this.sends.map(() => ({ status: 'rejected', reason }));
    }
    for (const [i, send] of this.sends.entries()) {
      // An earlier message of the batch may have created it.
      const directId = this.#directIdOf(send);
      const conversationId = send.conversationId ?? directId;
      if (send.receiverId !== null && conversationId !== directId)
        this.#settle(i, this.#before(send) ?? this.#orLookUpAgain(send, MISMATCH));
      else if (conversationId !== null) {
        // One with attachments is stored alone, so that all others cost nothing more.
        const isAlone = send.attachmentIds !== null;
        if (isAlone) await this.#storeTogether();
        this.#together.push({ i, send: { ...send, conversationId } });
        if (isAlone) await this.#storeTogether();
      } else if (!knownReceivers.has(send.receiverId!)) this.#settle(i, this.#before(send) ?? this.#untilKnown(send));
      else {
        await this.#storeTogether();
        this.#settle(i, this.#before(send) ?? (await this.#storeFirst(send)));
      }
    }
    await this.#storeTogether();
    return this.#outcomes;
  }

  #directIdOf({ sender, receiverId }: PendingSend): string | null {
    return receiverId === null ? null : this.parts.directConversations.known(sender.userId, receiverId);
  }

  /** The receivers of first messages that this service knows: one query for the batch, as all senders wait for it. */
  async #knownReceivers(): Promise<Set<string>> {
    const first = this.sends.flatMap((send) =>
      send.receiverId !== null && send.conversationId === null && this.#directIdOf(send) === null ? [send.receiverId] : [],
    );
    const { users, queries } = this.parts;
    return first.length === 0 ? new Set() : await users.findKnown(queries, [...new Set(first)]);
  }

  async #storeTogether(): Promise<void> {
    const together = this.#together;
    this.#together = [];
    const ready: typeof together = [];
    for (const one of together) {
      const before = this.#before(one.send);
      if (before) this.#settle(one.i, before);
      else ready.push(one);
    }
    if (ready.length === 0) return;
    const outcomes = await this.parts.store.storeAll(ready.map(({ send }) => send));
    ready.forEach(({ i }, n) => {
      const outcome = outcomes[n]!;
      const isMissing = outcome.status === 'fulfilled' && outcome.value.outcome === 'no-conversation';
      this.#settle(i, isMissing ? this.#orLookUpAgain(this.sends[i]!, outcome) : outcome);
    });
  }

  /** The direct conversation that this process knew may be from before a restore of the database: it is looked up once more. */
  #orLookUpAgain(send: PendingSend, outcome: Outcome<SendOutcome>): Outcome<SendOutcome> {
    const { lookedUpAgain, directConversations } = this.parts;
    if (send.receiverId === null || this.#directIdOf(send) === null || lookedUpAgain.has(send)) return outcome;
    lookedUpAgain.add(send);
    directConversations.delete(send.sender.userId, send.receiverId);
    return { status: 'deferred', until: Promise.resolve() };
  }

  #untilKnown({ receiverId, sender }: PendingSend): Outcome<SendOutcome> {
    const until = this.parts.users.requireUser(receiverId!, sender);
    until.catch(() => {}); // the deferred sends receive the error; it must be handled although they start to wait later
    return { status: 'deferred', until };
  }

  async #storeFirst(send: PendingSend): Promise<Outcome<SendOutcome>> {
    const stored = await this.parts.store.storeFirst(send);
    if (stored.status === 'fulfilled' && stored.value.outcome === 'stored')
      this.parts.directConversations.remember(send.sender.userId, send.receiverId!, stored.value.conversation_id);
    return stored;
  }

  /** The outcome of an earlier message that this one must not overtake, or that shows that the database is unavailable. */
  #before(send: PendingSend): Outcome<SendOutcome> | undefined {
    if (this.#failure) return this.#failure;
    if (this.#deferred.size === 0) return undefined;
    const key = this.parts.keysOf(send).find((one) => this.#deferred.has(one));
    return key === undefined ? undefined : this.#deferred.get(key);
  }

  #settle(i: number, outcome: Outcome<SendOutcome>): void {
    this.#outcomes[i] = outcome;
    if (outcome.status === 'deferred') for (const key of this.parts.keysOf(this.sends[i]!)) this.#deferred.set(key, outcome);
    if (outcome.status === 'rejected' && isTransient(outcome.reason)) this.#failure ??= outcome;
  }
}

const MISMATCH: Outcome<SendOutcome> = { status: 'fulfilled', value: { outcome: 'recipient-mismatch' } };
