import { Body, Controller, Header, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags, ApiTooManyRequestsResponse, ApiUnauthorizedResponse } from '@nestjs/swagger';
import { Public } from '@chat/shared/auth';
import type { AuthTokens } from '@chat/shared/contracts';
import { RateLimited } from '../rate-limits/rate-limited.decorator.js';
import { AuthTokensDto } from '../sessions/sessions.dto.js';
import { LoginService } from './login.service.js';
import { Origin, type SignInOrigin } from './sign-in-origin.js';
import { CompleteLoginDto, LoginDto } from './sign-in.dto.js';
import { SignInService } from './sign-in.service.js';

@ApiTags('accounts')
@Controller('auth')
export class SignInController {
  constructor(
    private readonly logins: LoginService,
    private readonly signIn: SignInService,
  ) {}

  @ApiOperation({
    summary:
      'Creates a session with e-mail address and password. A session of the same account whose access token the request has is revoked.',
  })
  @Public()
  @RateLimited('login')
  @Post('login')
  @Header('cache-control', 'no-store')
  @HttpCode(200)
  @ApiOkResponse({ type: AuthTokensDto })
  @ApiUnauthorizedResponse({ description: 'The address is unknown or the password is wrong: the response is the same' })
  @ApiTooManyRequestsResponse({ description: 'Too many attempts; retry after `retryAfterSeconds`' })
  login(@Body() request: LoginDto, @Origin() origin: SignInOrigin): Promise<AuthTokens> {
    return this.logins.login(request, origin);
  }

  @ApiOperation({
    summary:
      'The second step of a sign-in after the error MFA_REQUIRED. A session of the same account whose access token the request has is revoked.',
  })
  @Public()
  @RateLimited('codes')
  @Post('login/complete')
  @Header('cache-control', 'no-store')
  @HttpCode(200)
  @ApiOkResponse({ type: AuthTokensDto })
  @ApiUnauthorizedResponse({ description: 'The code is wrong (`triesLeft`), or the mfaToken is not valid any more: sign in again' })
  @ApiTooManyRequestsResponse({ description: 'Too many wrong codes; retry after `retryAfterSeconds`' })
  complete(@Body() { mfaToken, code }: CompleteLoginDto, @Origin() origin: SignInOrigin): Promise<AuthTokens> {
    return this.signIn.completeWithCode(mfaToken, code, origin);
  }
}
