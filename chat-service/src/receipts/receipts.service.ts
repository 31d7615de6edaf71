import { Injectable } from '@nestjs/common';
import { ReadQueries, type Statement } from '../database/prepared-queries.js';
import { ReceiptAnnouncer } from './receipt-announcer.js';

@Injectable()
export class ReceiptsService {
  constructor(
    private readonly queries: ReadQueries,
    private readonly announcer: ReceiptAnnouncer,
  ) {}

  /** Only ever forward, and never past the newest message. Who is not in the conversation changes nothing: ask before. */
  async markRead(conversationId: string, userId: string, seq: number): Promise<void> {
    const row = await this.queries.row<{ moved: boolean }>(MARK_READ, [conversationId, userId, seq]);
    if (row?.moved) this.announcer.announceSoon();
  }
}

const MARK_READ: Statement = { name: 'mark_read', text: 'select mark_read($1, $2, $3) as moved' };
