import { ForServices } from '@chat/shared/auth';
import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiNoContentResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { DeliveredReceiptsDto } from './receipts.dto.js';
import { ReceiptsService } from './receipts.service.js';

/** For gateways, which have written the messages of many users to their sockets. */
@ApiTags('receipts')
@ApiBearerAuth()
@Controller('chat/receipts')
export class ReceiptsController {
  constructor(private readonly receipts: ReceiptsService) {}

  @Post('delivered')
  @ForServices('api-gateway')
  @HttpCode(204)
  @ApiOperation({ summary: 'The newest messages that were written to sockets of members; for the gateway only' })
  @ApiNoContentResponse()
  markManyDelivered(@Body() receipts: DeliveredReceiptsDto): Promise<void> {
    return this.receipts.markManyDelivered(receipts);
  }
}
