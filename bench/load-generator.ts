import { randomUUID } from 'node:crypto';
import type { WebSocket } from 'ws';
import type { GraphqlClient } from '@chat/testkit/graphql-client';
import { TestUser } from '@chat/testkit/user';
import { openEvents } from './open-events.ts';
import { runOpenLoop, type Load } from './open-loop.ts';
import { stepResult, type Flight, type StepResult } from './step-result.ts';

export const SEND = 'mutation ($input: CreateMessageInput!) { sendMessage(input: $input) { id seq createdAt } }';
export const TEXT = 'x'.repeat(256);

/** Pairs of users with an open stream each, that send messages to one another. */
export class LoadGenerator implements Load {
  readonly #client: GraphqlClient;
  readonly #pairs: [TestUser, TestUser][] = [];
  readonly #sockets: WebSocket[] = [];
  readonly #flights = new Map<string, Flight>();
  /** The last seq of each stream and conversation. */
  readonly #lastSeq = new Map<string, number>();
  #outOfOrder = 0;
  /** Accepted messages that have not arrived. */
  #undelivered = 0;

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

  async step(ratePerSecond: number, seconds: number, drainMs = 10_000): Promise<StepResult> {
    this.#flights.clear();
    this.#outOfOrder = 0;
    this.#undelivered = 0;
    const failures = new Map<string, number>();
    const { startedAt, endedAt, isOverloaded } = await runOpenLoop({
      ratePerSecond,
      seconds,
      drainMs,
      send: (dueAt) => this.#send(dueAt, failures),
      undelivered: () => this.#undelivered,
    });
    return stepResult([...this.#flights.values()], startedAt, endedAt, { isOverloaded, outOfOrder: this.#outOfOrder, failures });
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
      // Not if the answer is so late that the next step has begun.
      if (flight.deliveredAt === null && this.#flights.has(clientMessageId)) this.#undelivered += 1;
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
    if (flight.acceptedAt !== null && flight.deliveredAt === null) this.#undelivered -= 1;
    flight.deliveredAt ??= performance.now();
  }
}
