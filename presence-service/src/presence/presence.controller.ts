import { CurrentUser, type AuthenticatedUser } from '@chat/shared/auth';
import type { Presence } from '@chat/shared/contracts';
import { IdPipe } from '@chat/shared/http';
import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { PresenceOfDto, PresenceView, UpdatePresenceDto } from './presence.dto.js';
import { PresenceService } from './presence.service.js';

@ApiTags('presence')
@ApiBearerAuth()
@Controller('presence')
export class PresenceController {
  constructor(private readonly presence: PresenceService) {}

  @Post('update')
  @HttpCode(200)
  @ApiOperation({ summary: 'Sets the status of the current user; without an open socket it also counts as a heartbeat' })
  @ApiOkResponse({ type: PresenceView })
  chooseStatus(@CurrentUser() { userId }: AuthenticatedUser, @Body() { status }: UpdatePresenceDto): Promise<Presence> {
    return this.presence.chooseStatus(userId, status);
  }

  @Post('heartbeat')
  @HttpCode(200)
  @ApiOperation({ summary: 'For clients without a socket: the current user is present for 60 s' })
  @ApiOkResponse({ type: PresenceView })
  beat(@CurrentUser() { userId }: AuthenticatedUser): Promise<Presence> {
    return this.presence.beat(userId);
  }

  @Post('offline')
  @HttpCode(200)
  @ApiOperation({ summary: 'For clients without a socket: the current user is OFFLINE at once; no effect while a socket is open' })
  @ApiOkResponse({ type: PresenceView })
  signOff(@CurrentUser() { userId }: AuthenticatedUser): Promise<Presence> {
    return this.presence.signOff(userId);
  }

  @Get('me')
  @ApiOperation({ summary: 'The presence of the current user, as other users see it' })
  @ApiOkResponse({ type: PresenceView })
  findOwn(@CurrentUser() { userId }: AuthenticatedUser): Promise<Presence> {
    return this.presence.find(userId, userId);
  }

  @Get('user/:userId')
  @ApiOperation({ summary: 'The presence of a user, as the current user may see it; OFFLINE and never seen if hidden or unknown' })
  @ApiParam({ name: 'userId', format: 'uuid' })
  @ApiOkResponse({ type: PresenceView })
  find(@CurrentUser() user: AuthenticatedUser, @Param('userId', IdPipe) userId: string): Promise<Presence> {
    return this.presence.find(user.userId, userId);
  }

  @Post('bulk')
  @HttpCode(200)
  @ApiOperation({ summary: 'The presence of at most 500 users, in the order of the request' })
  @ApiOkResponse({ type: [PresenceView] })
  findMany(@CurrentUser() { userId }: AuthenticatedUser, @Body() { userIds }: PresenceOfDto): Promise<Presence[]> {
    return this.presence.findMany(userId, userIds);
  }
}
