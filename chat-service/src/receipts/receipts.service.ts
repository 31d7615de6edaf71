import { Injectable } from '@nestjs/common';
import { retryWhileLocked, rowLocked } from '../database/locks.js';
import { ReadQueries } from '../database/queries.js';
import { ReceiptEventPublisher } from './receipt-event-publisher.js';
import { ADVANCE_READ_RECEIPT } from './receipts.queries.js';

@Injectable()
export class ReceiptsService {
  constructor(
    private readonly queries: ReadQueries,
    private readonly publisher: ReceiptEventPublisher,
  ) {}

  /** Only increases, at most up to the newest message. It changes nothing for a user that is not a member, so check the membership before. */
  async markRead(conversationId: string, userId: string, seq: number): Promise<void> {
    const increased = await retryWhileLocked(async () => {
      const row = await this.queries.row<{ increased: boolean | null }>(ADVANCE_READ_RECEIPT, [conversationId, userId, seq]);
      if (row!.increased === null) throw rowLocked();
      return row!.increased;
    });
    if (increased) this.publisher.publishSoon();
  }
}
