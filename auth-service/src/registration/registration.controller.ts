import { Body, Controller, Header, Post } from '@nestjs/common';
import { ApiConflictResponse, ApiCreatedResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Public } from '@chat/shared/auth';
import type { AuthTokens } from '@chat/shared/contracts';
import { Client, type ClientDetails } from '../client/client-details.js';
import { RateLimited } from '../rate-limits/rate-limited.decorator.js';
import { AuthTokensDto } from '../sessions/sessions.dto.js';
import { RegisterDto } from './registration.dto.js';
import { RegistrationService } from './registration.service.js';

@ApiTags('accounts')
@Controller('auth')
export class RegistrationController {
  constructor(private readonly registration: RegistrationService) {}

  @ApiOperation({ summary: 'Creates an account and its first session.' })
  @Public()
  @RateLimited('register')
  @Post('register')
  @Header('cache-control', 'no-store')
  @ApiCreatedResponse({ type: AuthTokensDto })
  @ApiConflictResponse({
    description:
      '`fields` names what is taken: email, username or both. With REQUIRE_VERIFIED_EMAIL only username: a taken address has the response of a new one',
  })
  register(@Body() request: RegisterDto, @Client() client: ClientDetails): Promise<AuthTokens> {
    return this.registration.register(request, client);
  }
}
