import { Module } from '@nestjs/common';
import { ReceiptEventPublisher } from './receipt-event-publisher.js';
import { ReceiptsService } from './receipts.service.js';

@Module({ providers: [ReceiptsService, ReceiptEventPublisher], exports: [ReceiptsService] })
export class ReceiptsModule {}
