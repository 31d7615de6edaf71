import { type DeliveredReceipts, MAX_DELIVERED_RECEIPTS } from '@chat/shared/contracts';
import { IsId } from '@chat/shared/http';
import { ApiProperty } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsInt, Max, Min } from 'class-validator';

export class DeliveredReceiptsDto implements DeliveredReceipts {
  @ApiProperty({ type: [String], format: 'uuid', maxItems: MAX_DELIVERED_RECEIPTS })
  @IsArray()
  @ArrayMaxSize(MAX_DELIVERED_RECEIPTS)
  @IsId({ each: true })
  conversationIds: string[];

  @ApiProperty({ type: [String], format: 'uuid', maxItems: MAX_DELIVERED_RECEIPTS })
  @IsArray()
  @ArrayMaxSize(MAX_DELIVERED_RECEIPTS)
  @IsId({ each: true })
  userIds: string[];

  @ApiProperty({ type: [Number], maxItems: MAX_DELIVERED_RECEIPTS })
  @IsArray()
  @ArrayMaxSize(MAX_DELIVERED_RECEIPTS)
  @IsInt({ each: true })
  @Min(0, { each: true })
  @Max(2_147_483_647, { each: true })
  seqs: number[];
}
