import type { FeedReplayRequest } from '@chat/shared/contracts';
import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsDefined, IsInt, IsObject, Max, Min, ValidateNested } from 'class-validator';
import { FeedPositionDto } from './feed-position.dto.js';

export const MAX_REPLAY_PAGE = 500;

export class FeedReplayDto implements FeedReplayRequest {
  @ApiProperty({ type: FeedPositionDto })
  @IsDefined()
  @IsObject()
  @ValidateNested()
  @Type(() => FeedPositionDto)
  after: FeedPositionDto;

  @ApiProperty({ minimum: 1, maximum: MAX_REPLAY_PAGE })
  @IsInt()
  @Min(1)
  @Max(MAX_REPLAY_PAGE)
  limit: number;
}
