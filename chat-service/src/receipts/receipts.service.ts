import type { DeliveredReceipts } from '@chat/shared/contracts';
import { invalidInput } from '@chat/shared/http';
import { Injectable } from '@nestjs/common';
import { ReceiptEventPublisher } from './receipt-event-publisher.js';
import { type Receipt, ReceiptWriter, type ReceiptOutcome } from './receipt-writer.js';

/** Receipts only increase, at most up to the newest message. */
@Injectable()
export class ReceiptsService {
  constructor(
    private readonly writer: ReceiptWriter,
    private readonly publisher: ReceiptEventPublisher,
  ) {}

  async markRead(conversationId: string, userId: string, seq: number): Promise<ReceiptOutcome> {
    return this.#advance({ conversationId, userId, readSeq: seq, deliveredSeq: seq });
  }

  async markDelivered(conversationId: string, userId: string, seq: number): Promise<ReceiptOutcome> {
    return this.#advance({ conversationId, userId, readSeq: 0, deliveredSeq: seq });
  }

  /** For gateways: what they have written to the sockets of many users. Users that are not members any more are left out. */
  async markManyDelivered({ conversationIds, userIds, seqs }: DeliveredReceipts): Promise<void> {
    if (conversationIds.length !== userIds.length || userIds.length !== seqs.length)
      throw invalidInput([{ field: 'seqs', message: 'conversationIds, userIds and seqs must have the same length' }]);
    await Promise.all(conversationIds.map((conversationId, i) => this.markDelivered(conversationId, userIds[i]!, seqs[i]!)));
  }

  async #advance(receipt: Receipt): Promise<ReceiptOutcome> {
    const outcome = await this.writer.advance(receipt);
    if (outcome === 'advanced') this.publisher.publishSoon();
    return outcome;
  }
}
