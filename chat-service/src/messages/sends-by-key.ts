import type { PendingSend } from './message-store.js';
import { tooManySends } from './messages.errors.js';

/** A correct client has one message for each key: these are enough for a faulty one, and cost the others nothing. */
const MAX_WAITING_PER_KEY = 8;

interface SendInFlight<Answer> {
  send: PendingSend;
  answer: Promise<Answer>;
}

/**
 * Submits at most one message at a time of those with the same sender and clientMessageId. A second identical send shares the answer of the
 * first one, any other one waits for those before it.
 */
export class SendsByKey<Answer> {
  readonly #inFlight = new Map<string, SendInFlight<Answer>[]>();

  constructor(private readonly submit: (send: PendingSend) => Promise<Answer>) {}

  write(send: PendingSend): Promise<Answer> {
    if (send.clientMessageId === null) return this.submit(send);
    const key = send.sender.userId + send.clientMessageId;
    const sends = this.#inFlight.get(key) ?? [];
    const same = sends.find((other) => isSameSend(other.send, send));
    if (same) return same.answer;
    if (sends.length >= MAX_WAITING_PER_KEY) return Promise.reject(tooManySends());

    const last = sends.at(-1);
    const own = { send, answer: last ? this.#submitAfter(last.answer, send) : this.submit(send) };
    sends.push(own);
    this.#inFlight.set(key, sends);
    const remove = () => {
      sends.splice(sends.indexOf(own), 1);
      if (sends.length === 0) this.#inFlight.delete(key);
    };
    own.answer.then(remove, remove);
    return own.answer;
  }

  async #submitAfter(other: Promise<Answer>, send: PendingSend): Promise<Answer> {
    await other.catch(() => {}); // its own sender receives the error
    return this.submit(send);
  }
}

function isSameSend(one: PendingSend, other: PendingSend): boolean {
  return (
    one.conversationId === other.conversationId &&
    one.receiverId === other.receiverId &&
    one.content === other.content &&
    one.replyToId === other.replyToId &&
    isEqualList(one.mentions ?? [], other.mentions ?? [])
  );
}

function isEqualList(one: string[], other: string[]): boolean {
  return one.length === other.length && one.every((id, i) => id === other[i]);
}
