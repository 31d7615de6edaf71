import { CurrentUser, ForServices, type AuthenticatedUser } from '@chat/shared/auth';
import type { FeedPosition } from '@chat/shared/contracts';
import { Body, Controller, Header, HttpCode, Post, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { ServerResponse } from 'node:http';
import { FeedPageView, FeedPositionDto, FeedReplayDto } from './feed.dto.js';
import { FeedReplay } from './replay.js';

/** Only for the gateway, which shows the events of the feed to the sockets of their users. */
@ApiTags('feed')
@ApiBearerAuth()
@ForServices('api-gateway')
@Controller('feed')
export class FeedController {
  constructor(private readonly replay: FeedReplay) {}

  @Post('end-position')
  @HttpCode(200)
  @ApiOperation({ summary: 'The end position of the feed' })
  @ApiOkResponse({ type: FeedPositionDto })
  endPosition(): Promise<FeedPosition> {
    return this.replay.endPosition();
  }

  @Post('replay')
  @HttpCode(200)
  @Header('content-type', 'application/json; charset=utf-8')
  @ApiOperation({ summary: 'The events after a position that the current user may see, one page at a time' })
  @ApiOkResponse({ type: FeedPageView })
  page(
    @CurrentUser() { userId }: AuthenticatedUser,
    @Body() request: FeedReplayDto,
    @Res({ passthrough: true }) reply: { raw: ServerResponse },
  ): Promise<string> {
    return this.replay.page(userId, request, whenGivenUp(reply));
  }
}

/** Aborted when the connection is closed before the answer was written. */
function whenGivenUp({ raw }: { raw: ServerResponse }): AbortSignal {
  const givenUp = new AbortController();
  raw.once('close', () => {
    if (!raw.writableFinished) givenUp.abort();
  });
  return givenUp.signal;
}
