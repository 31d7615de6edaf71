import { Module } from '@nestjs/common';
import { ReceiptAnnouncer } from './receipt-announcer.js';
import { ReceiptsService } from './receipts.service.js';

@Module({ providers: [ReceiptsService, ReceiptAnnouncer], exports: [ReceiptsService] })
export class ReceiptsModule {}
