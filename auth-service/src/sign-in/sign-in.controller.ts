import { Body, Controller, Header, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags, ApiTooManyRequestsResponse, ApiUnauthorizedResponse } from '@nestjs/swagger';
import { Public } from '@chat/shared/auth';
import type { AuthTokens } from '@chat/shared/contracts';
import { AuthTokensDto } from '../sessions/auth-tokens.dto.js';
import { CompleteLoginDto } from './complete-login.dto.js';
import { Origin, type SignInOrigin } from './sign-in-origin.js';
import { SignInService } from './sign-in.service.js';

@ApiTags('accounts')
@Controller('auth')
export class SignInController {
  constructor(private readonly signIn: SignInService) {}

  @ApiOperation({
    summary:
      'The second step of a sign-in that was answered with MFA_REQUIRED. A session of the same account whose access token comes with it ends.',
  })
  @Public()
  @Post('login/complete')
  @Header('cache-control', 'no-store')
  @HttpCode(200)
  @ApiOkResponse({ type: AuthTokensDto })
  @ApiUnauthorizedResponse({ description: 'The code is wrong (`triesLeft`), or the mfaToken is good no more: sign in again' })
  @ApiTooManyRequestsResponse({ description: 'Too many wrong codes; `retryAfterSeconds` tells when to try again' })
  complete(@Body() { mfaToken, code }: CompleteLoginDto, @Origin() origin: SignInOrigin): Promise<AuthTokens> {
    return this.signIn.completeWithCode(mfaToken, code, origin);
  }
}
