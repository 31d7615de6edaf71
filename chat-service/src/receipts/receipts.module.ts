import { Module } from '@nestjs/common';
import { ReceiptEventPublisher } from './receipt-event-publisher.js';
import { ReceiptWriter } from './receipt-writer.js';
import { ReceiptsController } from './receipts.controller.js';
import { ReceiptsService } from './receipts.service.js';

@Module({
  controllers: [ReceiptsController],
  providers: [ReceiptsService, ReceiptWriter, ReceiptEventPublisher],
  exports: [ReceiptsService],
})
export class ReceiptsModule {}
