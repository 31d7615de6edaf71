import { Injectable } from '@nestjs/common';
import { ReadQueries } from '../database/queries.js';
import { ReceiptEventPublisher } from './receipt-event-publisher.js';
import { MARK_READ } from './receipts.queries.js';

@Injectable()
export class ReceiptsService {
  constructor(
    private readonly queries: ReadQueries,
    private readonly publisher: ReceiptEventPublisher,
  ) {}

  /** Only increases, at most up to the newest message. It changes nothing for a user that is not a member, so check the membership before. */
  async markRead(conversationId: string, userId: string, seq: number): Promise<void> {
    const row = await this.queries.row<{ increased: boolean }>(MARK_READ, [conversationId, userId, seq]);
    if (row?.increased) this.publisher.publishSoon();
  }
}
