import type { FeedPosition, FeedReplayRequest } from '@chat/shared/contracts';
import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsDefined, IsInt, IsObject, Max, Min, ValidateNested } from 'class-validator';

const MAX_PARTITIONS = 1024;
export const MAX_REPLAY_PAGE = 500;

export class FeedPositionDto implements FeedPosition {
  @ApiProperty({ description: 'Identifies the log that the offsets belong to', minimum: 0 })
  @IsInt()
  @Min(0)
  @Max(2 ** 31 - 1)
  epoch: number;

  @ApiProperty({ type: [Number], description: 'The last offset seen of each partition; -1: no event of it yet' })
  @IsArray()
  @ArrayMaxSize(MAX_PARTITIONS)
  @IsInt({ each: true })
  @Min(-1, { each: true })
  @Max(Number.MAX_SAFE_INTEGER, { each: true })
  offsets: number[];
}

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

/** Only documents the response, which FeedReplay builds as text. */
export class FeedPageView {
  @ApiProperty({
    description: 'False: the position belongs to another log or is older than the retention; the client loads its state anew',
  })
  recovered: boolean;

  @ApiProperty({ type: 'array', items: { type: 'object' }, description: 'In order within each partition' })
  events: object[];

  @ApiProperty({ type: FeedPositionDto, description: 'The position after this page' })
  position: FeedPositionDto;

  @ApiProperty({ description: 'The position was the end of the feed when this page was read. A page may be empty without being the last' })
  done: boolean;
}
