import { Body, Controller, Delete, Get, Header, HttpCode, Param, Post } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiForbiddenResponse,
  ApiNoContentResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
  ApiUnauthorizedResponse,
} from '@nestjs/swagger';
import { AllowDuringMfaEnrollment, type AuthenticatedUser, CurrentUser, ForServices, Public } from '@chat/shared/auth';
import type { AuthTokens, RevokedSessionCount, SessionCheck, UserSession, ValidatedToken } from '@chat/shared/contracts';
import { IdPipe } from '@chat/shared/http';
import { Client, type ClientDetails } from '../client/client-details.js';
import { RefreshService } from './refresh.service.js';
import { SessionCheckService } from './session-check.service.js';
import { SessionListService } from './session-list.service.js';
import {
  AuthTokensDto,
  RefreshDto,
  RevokedSessionCountDto,
  SessionCheckDto,
  SessionCheckRequestDto,
  UserSessionDto,
  ValidatedTokenDto,
} from './sessions.dto.js';
import { SessionsService } from './sessions.service.js';

@ApiTags('sessions')
@Controller('auth')
export class SessionsController {
  constructor(
    private readonly sessions: SessionsService,
    private readonly refreshing: RefreshService,
    private readonly sessionList: SessionListService,
    private readonly sessionChecks: SessionCheckService,
  ) {}

  @ApiOperation({
    summary:
      'Issues new tokens for a refresh token, which is valid for one use. For 10 seconds, and only while its successor is unused, the same token gives the same successor again; any later use of it revokes the session.',
  })
  @Public()
  @Post('refresh')
  @Header('cache-control', 'no-store')
  @HttpCode(200)
  @ApiOkResponse({ type: AuthTokensDto })
  @ApiUnauthorizedResponse({ description: 'The refresh token is unknown, expired or used' })
  refresh(@Body() { refreshToken }: RefreshDto, @Client() client: ClientDetails): Promise<AuthTokens> {
    return this.refreshing.refresh(refreshToken, client);
  }

  @ApiOperation({
    summary:
      'Revokes the current session: its refresh token is refused at once, its access tokens within a second, when its open sockets are closed.',
  })
  @AllowDuringMfaEnrollment()
  @Post('logout')
  @HttpCode(204)
  @ApiBearerAuth()
  @ApiNoContentResponse()
  logout(@CurrentUser() user: AuthenticatedUser): Promise<void> {
    return this.sessions.logout(user);
  }

  @ApiOperation({ summary: 'Returns user and session of the bearer token if the session is active.' })
  @Post('validate')
  @HttpCode(200)
  @ApiBearerAuth()
  @ApiOkResponse({ type: ValidatedTokenDto })
  @ApiUnauthorizedResponse({ description: 'The token is not valid, or its session is revoked' })
  validate(@CurrentUser() user: AuthenticatedUser): Promise<ValidatedToken> {
    return this.sessions.validate(user);
  }

  @ApiOperation({ summary: 'The sessions of the current user, the last used first; at most 500.' })
  @Get('sessions')
  @ApiBearerAuth()
  @ApiOkResponse({ type: [UserSessionDto] })
  list(@CurrentUser() user: AuthenticatedUser): Promise<UserSession[]> {
    return this.sessionList.list(user);
  }

  @ApiOperation({
    summary:
      'Revokes a session of the current user: its refresh token is refused at once, its access tokens within a second, when its open sockets are closed. Another session than the current one requires a login within the last ten minutes.',
  })
  @Delete('sessions/:sessionId')
  @HttpCode(204)
  @ApiBearerAuth()
  @ApiParam({ name: 'sessionId', format: 'uuid' })
  @ApiNoContentResponse({ description: 'Also if it was revoked already' })
  @ApiForbiddenResponse({ description: 'It is not the current session, which was created more than ten minutes ago: sign in again' })
  @ApiNotFoundResponse({ description: 'The current user has no such session' })
  revoke(
    @CurrentUser() user: AuthenticatedUser,
    @Param('sessionId', IdPipe) sessionId: string,
    @Client() client: ClientDetails,
  ): Promise<void> {
    return this.sessionList.revoke(user, sessionId, client);
  }

  @ApiOperation({ summary: 'Revokes the other sessions of the current user. Requires a login within the last ten minutes.' })
  @Post('sessions/revoke-others')
  @HttpCode(200)
  @ApiBearerAuth()
  @ApiOkResponse({ type: RevokedSessionCountDto })
  @ApiForbiddenResponse({ description: 'The session was created more than ten minutes ago: sign in again' })
  revokeOthers(@CurrentUser() user: AuthenticatedUser, @Client() client: ClientDetails): Promise<RevokedSessionCount> {
    return this.sessionList.revokeOthers(user, client);
  }

  @ApiOperation({
    summary:
      'For the gateway only: which of the sessions of its open sockets are active, and which of the keys that signed their tokens are withdrawn.',
  })
  @ForServices('api-gateway')
  @Post('sessions/check')
  @HttpCode(200)
  @ApiBearerAuth()
  @ApiOkResponse({ type: SessionCheckDto })
  check(@Body() request: SessionCheckRequestDto): Promise<SessionCheck> {
    return this.sessionChecks.check(request);
  }
}
