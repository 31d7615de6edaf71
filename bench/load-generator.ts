import { randomUUID } from 'node:crypto';
import type { WebSocket } from 'ws';
import type { GraphqlClient } from '@chat/testkit/graphql-client';
import { TestUser } from '@chat/testkit/user';
import { openEvents } from './open-events.ts';

/** One message, with the times (performance.now()) at which it was due, accepted and delivered. */
interface Flight {
  /** When it was due, even if the load generator sent it later: latencies count from here. */
  dueAt: number;
  acceptedAt: number | null;
  /** When it arrived on the socket of the recipient. */
  deliveredAt: number | null;
  copies: number;
}

export interface StepResult {
  offeredPerSecond: number;
  acceptedPerSecond: number;
  sent: number;
  accepted: number;
  failed: number;
  delivered: number;
  lost: number;
  doubled: number;
  outOfOrder: number;
  acceptMs: number[];
  deliveryMs: number[];
  /** The reasons of failed sends, with their number. */
  failures: Map<string, number>;
}

const SEND = 'mutation ($input: CreateMessageInput!) { sendMessage(input: $input) { id seq createdAt } }';
const TEXT = 'x'.repeat(256);

/** Pairs of users with an open stream each, that send messages to one another. */
export class LoadGenerator {
  readonly #client: GraphqlClient;
  readonly #pairs: [TestUser, TestUser][] = [];
  readonly #sockets: WebSocket[] = [];
  readonly #flights = new Map<string, Flight>();
  /** The last seq of each stream and conversation. */
  readonly #lastSeq = new Map<string, number>();
  #outOfOrder = 0;

  constructor(client: GraphqlClient) {
    this.#client = client;
  }

  async prepare(pairs: number): Promise<void> {
    for (let n = 0; n < pairs; n += 1) {
      const pair = (await Promise.all([TestUser.register(this.#client, 'left'), TestUser.register(this.#client, 'right')])) as [
        TestUser,
        TestUser,
      ];
      this.#pairs.push(pair);
      for (const user of pair) this.#sockets.push(await openEvents(user, (message) => this.#arrived(user, message)));
      await pair[0].sendTo(pair[1].userId, 'first');
    }
  }

  /** Sends at this rate at random times (Poisson arrivals), without waiting for answers (open loop). */
  async step(ratePerSecond: number, seconds: number, drainMs = 10_000): Promise<StepResult> {
    this.#flights.clear();
    this.#outOfOrder = 0;
    const failures = new Map<string, number>();
    const started = performance.now();
    const until = started + seconds * 1000;
    let due = started;
    let pending = 0;
    await new Promise<void>((resolve) => {
      const tick = () => {
        const now = performance.now();
        while (due <= now && due < until) {
          pending += 1;
          void this.#send(due, failures).finally(() => (pending -= 1));
          due += (-Math.log(1 - Math.random()) * 1000) / ratePerSecond;
        }
        if (due < until) setTimeout(tick, Math.min(2, Math.max(0, due - now)));
        else resolve();
      };
      tick();
    });
    const deadline = performance.now() + drainMs;
    const open = () => pending > 0 || [...this.#flights.values()].some((f) => f.acceptedAt !== null && f.deliveredAt === null);
    while (performance.now() < deadline && open()) await new Promise((resolve) => setTimeout(resolve, 50));

    const flights = [...this.#flights.values()];
    const accepted = flights.filter((f) => f.acceptedAt !== null);
    const acceptedInTime = accepted.filter((f) => (f.acceptedAt ?? 0) <= until).length;
    return {
      offeredPerSecond: flights.length / seconds,
      acceptedPerSecond: acceptedInTime / seconds,
      sent: flights.length,
      accepted: accepted.length,
      failed: flights.length - accepted.length,
      delivered: accepted.filter((f) => f.deliveredAt !== null).length,
      lost: accepted.filter((f) => f.deliveredAt === null).length,
      doubled: flights.filter((f) => f.copies > 1).length,
      outOfOrder: this.#outOfOrder,
      acceptMs: accepted.map((f) => (f.acceptedAt ?? 0) - f.dueAt),
      deliveryMs: accepted.flatMap((f) => (f.deliveredAt === null ? [] : [f.deliveredAt - f.dueAt])),
      failures,
    };
  }

  close(): void {
    for (const socket of this.#sockets) {
      socket.removeAllListeners('close');
      socket.terminate();
    }
  }

  async #send(dueAt: number, failures: Map<string, number>): Promise<void> {
    const pair = this.#pairs[Math.floor(Math.random() * this.#pairs.length)];
    if (!pair) throw new Error('register the pairs first');
    const [writer, reader] = Math.random() < 0.5 ? pair : [pair[1], pair[0]];
    const clientMessageId = randomUUID();
    const flight: Flight = { dueAt, acceptedAt: null, deliveredAt: null, copies: 0 };
    this.#flights.set(clientMessageId, flight);
    try {
      const answer = await this.#client.ask(
        SEND,
        { input: { receiverId: reader.userId, content: TEXT, clientMessageId } },
        writer.accessToken,
      );
      if (answer.errors[0]) throw new Error(`${answer.errors[0].code}: ${answer.errors[0].message}`);
      flight.acceptedAt = performance.now();
    } catch (error) {
      const reason = (error as Error).message.slice(0, 80);
      failures.set(reason, (failures.get(reason) ?? 0) + 1);
    }
  }

  #arrived(user: TestUser, message: { seq: number; conversationId: string; clientMessageId: string; senderId: string }): void {
    const stream = `${user.userId} ${message.conversationId}`;
    const before = this.#lastSeq.get(stream) ?? 0;
    if (message.seq !== before + 1) this.#outOfOrder += 1;
    this.#lastSeq.set(stream, message.seq);
    if (message.senderId === user.userId) return;
    const flight = this.#flights.get(message.clientMessageId);
    if (!flight) return;
    flight.copies += 1;
    flight.deliveredAt ??= performance.now();
  }
}
