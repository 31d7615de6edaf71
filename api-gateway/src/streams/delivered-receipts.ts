import { PollingWorker } from '@chat/shared/async';
import { type DeliveredReceipts as DeliveredReceiptsRequest, type FeedEvent, MAX_DELIVERED_RECEIPTS } from '@chat/shared/contracts';
import { LOGGER, type Log } from '@chat/shared/observability';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { ChatClient } from '../clients/chat.client.js';

/** A message that an event has, for a user that is not its sender. */
export interface ReceivedMessage {
  conversationId: string;
  userId: string;
  seq: number;
}

/** After the first message, what further sockets take within this time is sent with it. */
const COLLECT_MS = 1000;
/** While chat-service is unavailable; what comes on top is not reported until the next message of its conversation. */
const MAX_WAITING = 50_000;

/** What a socket has received when it has taken the event; null if that advances no receipt. */
export function receivedMessage(event: FeedEvent, userId: string): ReceivedMessage | null {
  if (event.type !== 'MessageCreated' || event.payload.senderId === userId) return null;
  return { conversationId: event.conversationId, userId, seq: event.payload.seq };
}

/**
 * Advances the delivered receipts of users whose sockets have taken messages: at most one call of chat-service in a second for all sockets of this
 * process, with the newest seq of each user and conversation. Best effort: no message waits for it, and what a process that crashes has not
 * reported, the next message of the conversation reports.
 */
@Injectable()
export class DeliveredReceipts implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #waiting = new Map<string, ReceivedMessage>();
  readonly #worker: PollingWorker;

  constructor(
    private readonly chat: ChatClient,
    @Inject(LOGGER) logger: Log,
  ) {
    this.#worker = new PollingWorker({
      round: () => this.#report(),
      backoff: { firstMs: COLLECT_MS, maxMs: 10_000 },
      wakeDelayMs: COLLECT_MS,
      drainMs: 2000,
      onError: (error, attempt) => {
        if (attempt === 0) logger.warn({ error }, 'delivered messages could not be reported; retrying');
      },
    });
  }

  onApplicationBootstrap(): void {
    this.#worker.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#worker.stop();
  }

  add(received: ReceivedMessage): void {
    const key = received.userId + received.conversationId;
    const waiting = this.#waiting.get(key);
    if (waiting) waiting.seq = Math.max(waiting.seq, received.seq);
    else if (this.#waiting.size < MAX_WAITING) this.#waiting.set(key, { ...received });
    this.#worker.wake();
  }

  /** Returns the time until the next round. */
  async #report(): Promise<number> {
    if (this.#waiting.size === 0) return Infinity;
    const receipts = [...this.#waiting.values()].slice(0, MAX_DELIVERED_RECEIPTS);
    for (const { userId, conversationId } of receipts) this.#waiting.delete(userId + conversationId);
    try {
      await this.chat.markManyDelivered(toRequest(receipts));
    } catch (error) {
      for (const receipt of receipts) this.add(receipt);
      throw error;
    }
    return this.#waiting.size === 0 ? Infinity : COLLECT_MS;
  }
}

function toRequest(receipts: ReceivedMessage[]): DeliveredReceiptsRequest {
  return {
    conversationIds: receipts.map(({ conversationId }) => conversationId),
    userIds: receipts.map(({ userId }) => userId),
    seqs: receipts.map(({ seq }) => seq),
  };
}
