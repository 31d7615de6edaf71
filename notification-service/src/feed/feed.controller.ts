import { CurrentUser, type AuthenticatedUser } from '@chat/shared/auth';
import type { FeedPosition } from '@chat/shared/contracts';
import { Body, Controller, Header, HttpCode, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { FeedPageView } from './feed-page.view.js';
import { FeedPositionDto } from './feed-position.dto.js';
import { FeedReplay } from './feed-replay.js';
import { FeedReplayDto } from './feed-replay.dto.js';

@ApiTags('feed')
@ApiBearerAuth()
@Controller('feed')
export class FeedController {
  constructor(private readonly replay: FeedReplay) {}

  @Post('head')
  @HttpCode(200)
  @ApiOperation({ summary: 'Where the feed stands now' })
  @ApiOkResponse({ type: FeedPositionDto })
  head(): Promise<FeedPosition> {
    return this.replay.head();
  }

  @Post('replay')
  @HttpCode(200)
  @Header('content-type', 'application/json; charset=utf-8')
  @ApiOperation({ summary: 'What the caller may see after a position, a page at a time' })
  @ApiOkResponse({ type: FeedPageView })
  page(@CurrentUser() caller: AuthenticatedUser, @Body() request: FeedReplayDto): Promise<string> {
    return this.replay.page(caller.userId, request);
  }
}
