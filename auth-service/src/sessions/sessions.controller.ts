import { Body, Controller, Header, HttpCode, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags, ApiUnauthorizedResponse } from '@nestjs/swagger';
import { type Caller, CurrentCaller, Public } from '@chat/shared/auth';
import type { AuthTokens, ValidatedToken } from '@chat/shared/contracts';
import { AuthTokensDto } from './auth-tokens.dto.js';
import { RefreshDto } from './refresh.dto.js';
import { SessionsService } from './sessions.service.js';
import { ValidatedTokenDto } from './validated-token.dto.js';

@ApiTags('sessions')
@Controller('auth')
export class SessionsController {
  constructor(private readonly sessions: SessionsService) {}

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
  refresh(@Body() { refreshToken }: RefreshDto): Promise<AuthTokens> {
    return this.sessions.refresh(refreshToken);
  }

  @ApiOperation({
    summary: "Ends the caller's session: its refresh token stops working at once, its access tokens and open sockets within a second.",
  })
  @Post('logout')
  @HttpCode(204)
  @ApiBearerAuth()
  @ApiNoContentResponse()
  logout(@CurrentCaller() caller: Caller): Promise<void> {
    return this.sessions.end(caller);
  }

  @ApiOperation({ summary: 'Says whom the bearer token stands for, and that its session lives.' })
  @Post('validate')
  @HttpCode(200)
  @ApiBearerAuth()
  @ApiOkResponse({ type: ValidatedTokenDto })
  @ApiUnauthorizedResponse({ description: 'The token is not valid, or its session has ended' })
  validate(@CurrentCaller() caller: Caller): Promise<ValidatedToken> {
    return this.sessions.validate(caller);
  }
}
