import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkDelivery, type DeliveryReport } from './delivery-check.ts';
import type { ResumingStream } from './event-stream.ts';
import type { GraphqlClient } from './graphql-client.ts';
import { TestUser, type SentMessage } from './user.ts';

interface Pair {
  sender: TestUser;
  recipient: TestUser;
  acknowledged: SentMessage[];
}

/** What one stream has received. */
export interface StreamReport extends DeliveryReport {
  /** How often the server answered `recovered: false`. */
  unrecovered: number;
  /** Whether the last acknowledged message has arrived. */
  hasLast: boolean;
}

/**
 * Pairs of users that exchange messages at a constant rate during faults: a send without an answer is retried with the same clientMessageId
 * until it is acknowledged, and a stream that was cut reconnects with its cursor.
 * The sender of a pair sends one message after another, so the expected order is known.
 */
export class SteadyLoad {
  readonly #talks: Pair[] = [];
  readonly #streams = new Map<TestUser, ResumingStream>();
  readonly #messagesPerSecond: number;
  #running = false;
  #loops: Promise<void>[] = [];
  /** The number of retried sends. */
  retries = 0;
  /** The number of sends that failed again after one retry. */
  failedTwice = 0;
  /** The time of each acknowledgement (ms since 1970). */
  readonly acknowledgedAt: number[] = [];
  /** The reasons of retries, with their number. */
  readonly reasons = new Map<string, number>();

  constructor(messagesPerSecond: number) {
    this.#messagesPerSecond = messagesPerSecond;
  }

  /** Registers the pairs and opens a stream for every user. */
  async registerPairs(client: GraphqlClient, pairs: number): Promise<void> {
    for (let n = 0; n < pairs; n += 1) {
      const [writer, reader] = await Promise.all([TestUser.register(client, 'writer'), TestUser.register(client, 'reader')]);
      this.#talks.push({ sender: writer, recipient: reader, acknowledged: [] });
      for (const user of [writer, reader]) this.#streams.set(user, user.resumingEvents());
    }
    while ([...this.#streams.values()].some((stream) => stream.opened === 0)) await sleep(20);
  }

  start(): void {
    this.#running = true;
    const intervalMs = (1000 * this.#talks.length) / this.#messagesPerSecond;
    this.#loops = this.#talks.map((talk, n) => this.#talk(talk, intervalMs, (intervalMs * n) / this.#talks.length));
  }

  /** Stops sending; resolves when every send in flight is acknowledged. */
  async stop(): Promise<void> {
    this.#running = false;
    await Promise.all(this.#loops);
  }

  get acknowledged(): number {
    return this.acknowledgedAt.length;
  }

  /**
   * Waits until every stream has every acknowledged message, at most `timeoutMs`; then compares them. A stream that was told
   * `recovered: false` loads what it missed from the history (`checkHistory`); for it, the last message is waited for.
   */
  async settle(timeoutMs: number): Promise<StreamReport[]> {
    const deadline = Date.now() + timeoutMs;
    const complete = (talk: Pair) =>
      [talk.sender, talk.recipient].every((user) => {
        const stream = this.#streams.get(user)!;
        const got = new Set(stream.items.map((i) => i.message?.id));
        return (stream.unrecovered ? talk.acknowledged.slice(-1) : talk.acknowledged).every((m) => got.has(m.id));
      });
    while (Date.now() < deadline && !this.#talks.every(complete)) await sleep(200);
    return this.#talks.flatMap((talk) =>
      [talk.sender, talk.recipient].map((user) => {
        const { items, unrecovered } = this.#streams.get(user)!;
        const lastId = talk.acknowledged.at(-1)?.id;
        return { ...checkDelivery(talk.acknowledged, items), unrecovered, hasLast: items.some(({ message }) => message?.id === lastId) };
      }),
    );
  }

  /** The number of `recovered: false` answers on all streams. */
  get unrecovered(): number {
    return [...this.#streams.values()].reduce((sum, stream) => sum + stream.unrecovered, 0);
  }

  get reopened(): number {
    return [...this.#streams.values()].reduce((sum, stream) => sum + stream.opened - 1, 0);
  }

  /** Compares the history of each conversation with the acknowledged messages: ids and seqs must be equal. */
  async checkHistory(): Promise<string[]> {
    const faults: string[] = [];
    for (const { recipient: reader, acknowledged } of this.#talks) {
      const conversationId = acknowledged[0]?.conversationId;
      if (!conversationId) continue;
      const stored = new Map<number, string>();
      for (let after = 0; ;) {
        const page = (
          await reader.mustAsk(
            'query ($id: String!, $after: Int!) { getMessages(conversationId: $id, afterSeq: $after, limit: 100) { hasNewer data { id seq } } }',
            { id: conversationId, after },
          )
        ).getMessages;
        for (const message of page.data) stored.set(message.seq, message.id);
        if (!page.hasNewer) break;
        after = page.data.at(-1).seq;
      }
      for (const message of acknowledged) {
        if (stored.get(message.seq) !== message.id) faults.push(`${conversationId} seq ${message.seq} is not ${message.id}`);
      }
      for (let seq = 1; seq <= stored.size; seq += 1) if (!stored.has(seq)) faults.push(`${conversationId} has no seq ${seq}`);
    }
    return faults;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#streams.values()].map((stream) => stream.close()));
  }

  async #talk(talk: Pair, intervalMs: number, offsetMs: number): Promise<void> {
    await sleep(offsetMs);
    for (let n = 1, due = performance.now(); this.#running; n += 1) {
      talk.acknowledged.push(await this.#sendUntilAcknowledged(talk, `message ${n}`));
      this.acknowledgedAt.push(Date.now());
      due += intervalMs;
      await sleep(Math.max(0, due - performance.now()));
    }
  }

  async #sendUntilAcknowledged({ sender: writer, recipient: reader }: Pair, content: string): Promise<SentMessage> {
    const clientMessageId = randomUUID();
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await writer.sendTo(reader.userId, content, clientMessageId);
      } catch (error) {
        this.retries += 1;
        if (attempt === 2) this.failedTwice += 1;
        const reason = (error as Error).message.slice(0, 80);
        this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + 1);
        await sleep(250);
      }
    }
  }
}
