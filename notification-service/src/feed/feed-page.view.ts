import { ApiProperty } from '@nestjs/swagger';
import { FeedPositionDto } from './feed-position.dto.js';

/** For the description of the API only; the answer is put together as text, see FeedReplay. */
export class FeedPageView {
  @ApiProperty({ description: 'False: the position is of another log or older than the retention; load the state afresh' })
  recovered: boolean;

  @ApiProperty({ type: 'array', items: { type: 'object' }, description: 'In order within each partition' })
  events: object[];

  @ApiProperty({ type: FeedPositionDto, description: 'Where the reader stands after this page' })
  position: FeedPositionDto;

  @ApiProperty({ description: 'Nothing was left when this page was read. A page may be empty without being the last' })
  done: boolean;
}
