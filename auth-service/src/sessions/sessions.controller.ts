import { Body, Controller, Delete, Get, Header, HttpCode, Param, Post } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiForbiddenResponse,
  ApiNoContentResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  ApiUnauthorizedResponse,
} from '@nestjs/swagger';
import { AllowDuringMfaEnrollment, type AuthenticatedUser, CurrentUser, Public } from '@chat/shared/auth';
import type { AuthTokens, RevokedSessionCount, UserSession, ValidatedToken } from '@chat/shared/contracts';
import { Client, type ClientDetails } from '../client/client-details.js';
import { SessionListService } from './session-list.service.js';
import { AuthTokensDto, RefreshDto, RevokedSessionCountDto, SessionIdDto, UserSessionDto, ValidatedTokenDto } from './sessions.dto.js';
import { SessionsService } from './sessions.service.js';

@ApiTags('sessions')
@Controller('auth')
export class SessionsController {
  constructor(
    private readonly sessions: SessionsService,
    private readonly sessionList: SessionListService,
  ) {}

  @ApiOperation({
    summary:
      'Gives new tokens for a refresh token, which works once. For 10 seconds, and only while its successor is unused, the same token gives the same successor again; any later use of it revokes the whole session.',
  })
  @Public()
  @Post('refresh')
  @Header('cache-control', 'no-store')
  @HttpCode(200)
  @ApiOkResponse({ type: AuthTokensDto })
  @ApiUnauthorizedResponse({ description: 'The refresh token is unknown, ran out or was used before' })
  refresh(@Body() { refreshToken }: RefreshDto, @Client() client: ClientDetails): Promise<AuthTokens> {
    return this.sessions.refresh(refreshToken, client);
  }

  @ApiOperation({
    summary: "Ends the caller's session: its refresh token stops working at once, its access tokens and open sockets within a second.",
  })
  @AllowDuringMfaEnrollment()
  @Post('logout')
  @HttpCode(204)
  @ApiBearerAuth()
  @ApiNoContentResponse()
  logout(@CurrentUser() user: AuthenticatedUser): Promise<void> {
    return this.sessions.logout(user);
  }

  @ApiOperation({ summary: 'Says whom the bearer token stands for, and that its session lives.' })
  @Post('validate')
  @HttpCode(200)
  @ApiBearerAuth()
  @ApiOkResponse({ type: ValidatedTokenDto })
  @ApiUnauthorizedResponse({ description: 'The token is not valid, or its session has ended' })
  validate(@CurrentUser() user: AuthenticatedUser): Promise<ValidatedToken> {
    return this.sessions.validate(user);
  }

  @ApiOperation({ summary: "The caller's sessions, the one used last first; at most 500." })
  @Get('sessions')
  @ApiBearerAuth()
  @ApiOkResponse({ type: [UserSessionDto] })
  list(@CurrentUser() user: AuthenticatedUser): Promise<UserSession[]> {
    return this.sessionList.list(user);
  }

  @ApiOperation({
    summary:
      "Ends one of the caller's sessions: its refresh token stops working at once, its access tokens and open sockets within a second. Any but the one that asks needs a sign-in of the last ten minutes.",
  })
  @Delete('sessions/:sessionId')
  @HttpCode(204)
  @ApiBearerAuth()
  @ApiNoContentResponse({ description: 'Also when it had ended already' })
  @ApiForbiddenResponse({ description: 'It is not the session that asks, which was opened more than ten minutes ago: sign in again' })
  @ApiNotFoundResponse({ description: 'The caller never had such a session' })
  revoke(@CurrentUser() user: AuthenticatedUser, @Param() { sessionId }: SessionIdDto, @Client() client: ClientDetails): Promise<void> {
    return this.sessionList.revoke(user, sessionId, client);
  }

  @ApiOperation({ summary: "Ends the caller's sessions except the one that asks. Needs a sign-in of the last ten minutes." })
  @Post('sessions/revoke-others')
  @HttpCode(200)
  @ApiBearerAuth()
  @ApiOkResponse({ type: RevokedSessionCountDto })
  @ApiForbiddenResponse({ description: 'The session was opened more than ten minutes ago: sign in again' })
  revokeOthers(@CurrentUser() user: AuthenticatedUser, @Client() client: ClientDetails): Promise<RevokedSessionCount> {
    return this.sessionList.revokeOthers(user, client);
  }
}
