import { type AuthenticatedUser, CurrentUser } from '@chat/shared/auth';
import type { OwnReactions, Paginated } from '@chat/shared/contracts';
import { IdPipe } from '@chat/shared/http';
import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { MessageIdsDto } from './messages.dto.js';
import { OwnReactionsDto, ReactionsQueryDto, UserIdPageDto } from './reactions.dto.js';
import { ReactionsService } from './reactions.service.js';

@ApiTags('messages')
@ApiBearerAuth()
@Controller('chat/messages')
export class ReactionsController {
  constructor(private readonly reactions: ReactionsService) {}

  @Get(':messageId/reactions')
  @ApiOperation({ summary: 'All members that reacted with an emoji, in the order in which they did' })
  @ApiOkResponse({ type: UserIdPageDto })
  getUserIds(
    @CurrentUser() user: AuthenticatedUser,
    @Param('messageId', IdPipe) messageId: string,
    @Query() { emoji, page, limit }: ReactionsQueryDto,
  ): Promise<Paginated<string>> {
    return this.reactions.getUserIds(user, messageId, emoji, page, limit);
  }

  @Post('own-reactions')
  @HttpCode(200)
  @ApiOperation({ summary: 'The reactions of the current user to messages; those without any, or that the user may not see, are left out' })
  @ApiOkResponse({ type: [OwnReactionsDto] })
  getOwn(@CurrentUser() user: AuthenticatedUser, @Body() { messageIds }: MessageIdsDto): Promise<OwnReactions[]> {
    return this.reactions.getOwn(user, messageIds);
  }
}
