import type { FeedPosition } from '@chat/shared/contracts';
import { ApiProperty } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsInt, Max, Min } from 'class-validator';

const MAX_PARTITIONS = 1024;

export class FeedPositionDto implements FeedPosition {
  @ApiProperty({ description: 'Which log the offsets belong to', minimum: 0 })
  @IsInt()
  @Min(0)
  @Max(2 ** 31 - 1)
  epoch: number;

  @ApiProperty({ type: [Number], description: 'The last offset seen of each partition; -1: nothing of it yet' })
  @IsArray()
  @ArrayMaxSize(MAX_PARTITIONS)
  @IsInt({ each: true })
  @Min(-1, { each: true })
  @Max(Number.MAX_SAFE_INTEGER, { each: true })
  offsets: number[];
}
