import type { OwnReactions, Paginated } from '@chat/shared/contracts';
import { IsText, PageQuery } from '@chat/shared/http';
import { ApiProperty } from '@nestjs/swagger';

export class ReactionsQueryDto extends PageQuery {
  @ApiProperty({ description: 'Exactly one emoji (RGI)' })
  @IsText({ min: 1, max: 50 })
  emoji: string;
}

export class UserIdPageDto implements Paginated<string> {
  @ApiProperty({ type: [String], format: 'uuid' }) data: string[];
  @ApiProperty({ type: 'integer' }) total: number;
  @ApiProperty({ type: 'integer' }) page: number;
  @ApiProperty({ type: 'integer' }) limit: number;
  @ApiProperty({ type: 'integer' }) totalPages: number;
}

export class OwnReactionsDto implements OwnReactions {
  @ApiProperty({ format: 'uuid' }) messageId: string;
  @ApiProperty({ type: [String] }) emojis: string[];
}
