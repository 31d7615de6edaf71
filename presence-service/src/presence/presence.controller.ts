import { CurrentUser, type AuthenticatedUser } from '@chat/shared/auth';
import type { Presence } from '@chat/shared/contracts';
import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { PresenceOfDto, UpdatePresenceDto, UserIdParams } from './presence.dto.js';
import { PresenceService } from './presence.service.js';
import { PresenceView } from './presence.view.js';

@ApiTags('presence')
@ApiBearerAuth()
@Controller('presence')
export class PresenceController {
  constructor(private readonly presence: PresenceService) {}

  @Post('update')
  @HttpCode(200)
  @ApiOperation({ summary: "Sets the caller's status; without an open socket it also counts as a heartbeat" })
  @ApiOkResponse({ type: PresenceView })
  choose(@CurrentUser() caller: AuthenticatedUser, @Body() { status }: UpdatePresenceDto): Promise<Presence> {
    return this.presence.choose(caller, status);
  }

  @Post('heartbeat')
  @HttpCode(200)
  @ApiOperation({ summary: 'For clients without a socket: present for 60 s' })
  @ApiOkResponse({ type: PresenceView })
  beat(@CurrentUser() caller: AuthenticatedUser): Promise<Presence> {
    return this.presence.beat(caller);
  }

  @Post('offline')
  @HttpCode(200)
  @ApiOperation({ summary: 'For clients without a socket: gone at once; with a socket open nothing changes' })
  @ApiOkResponse({ type: PresenceView })
  leave(@CurrentUser() caller: AuthenticatedUser): Promise<Presence> {
    return this.presence.leave(caller);
  }

  @Get('me')
  @ApiOperation({ summary: "The caller's presence, as others see it" })
  @ApiOkResponse({ type: PresenceView })
  findOwn(@CurrentUser() caller: AuthenticatedUser): Promise<Presence> {
    return this.presence.find(caller, caller.userId);
  }

  @Get('user/:userId')
  @ApiOperation({ summary: "Anyone's presence, as the caller may see it; OFFLINE and never seen when hidden or unknown" })
  @ApiOkResponse({ type: PresenceView })
  find(@CurrentUser() caller: AuthenticatedUser, @Param() { userId }: UserIdParams): Promise<Presence> {
    return this.presence.find(caller, userId);
  }

  @Post('bulk')
  @HttpCode(200)
  @ApiOperation({ summary: 'The presence of at most 500 people, in the order asked' })
  @ApiOkResponse({ type: [PresenceView] })
  findMany(@CurrentUser() caller: AuthenticatedUser, @Body() { userIds }: PresenceOfDto): Promise<Presence[]> {
    return this.presence.findMany(caller, userIds);
  }
}
