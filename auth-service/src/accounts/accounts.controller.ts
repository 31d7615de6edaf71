import { Body, Controller, Get, Header, HttpCode, Param, Post } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  ApiTooManyRequestsResponse,
  ApiUnauthorizedResponse,
} from '@nestjs/swagger';
import { type AuthenticatedUser, CurrentUser, AllowDuringMfaEnrollment, Public } from '@chat/shared/auth';
import type { Account, AccountSummary, AuthTokens } from '@chat/shared/contracts';
import { AuthTokensDto } from '../sessions/auth-tokens.dto.js';
import type { ClientDetails } from '../sessions/client-details.js';
import { Client } from '../sessions/client.decorator.js';
import { Origin, type SignInOrigin } from '../sign-in/sign-in-origin.js';
import { AccountSummaryDto } from './account-summary.dto.js';
import { AccountDto } from './account.dto.js';
import { AccountsService } from './accounts.service.js';
import { LoginDto } from './login.dto.js';
import { PasswordSignInService } from './password-sign-in.service.js';
import { RegisterDto } from './register.dto.js';
import { UserIdDto } from './user-id.dto.js';

@ApiTags('accounts')
@Controller('auth')
export class AccountsController {
  constructor(
    private readonly accounts: AccountsService,
    private readonly passwordSignIn: PasswordSignInService,
  ) {}

  @ApiOperation({ summary: 'Makes an account and signs it in.' })
  @Public()
  @Post('register')
  @Header('cache-control', 'no-store')
  @ApiCreatedResponse({ type: AuthTokensDto })
  @ApiConflictResponse({ description: '`fields` names what is taken: email, username or both' })
  register(@Body() request: RegisterDto, @Client() client: ClientDetails): Promise<AuthTokens> {
    return this.accounts.register(request, client);
  }

  @ApiOperation({
    summary: 'Opens a session with e-mail address and password. One of the same account whose access token comes with it ends.',
  })
  @Public()
  @Post('login')
  @Header('cache-control', 'no-store')
  @HttpCode(200)
  @ApiOkResponse({ type: AuthTokensDto })
  @ApiUnauthorizedResponse({ description: 'The address is unknown or the password is wrong; which of them is not told' })
  @ApiTooManyRequestsResponse({ description: 'Too many attempts; `retryAfterSeconds` says when to come back' })
  login(@Body() request: LoginDto, @Origin() origin: SignInOrigin): Promise<AuthTokens> {
    return this.passwordSignIn.login(request, origin);
  }

  @ApiOperation({ summary: "The caller's own account." })
  @AllowDuringMfaEnrollment()
  @Get('me')
  @ApiBearerAuth()
  @ApiOkResponse({ type: AccountDto })
  me(@CurrentUser() caller: AuthenticatedUser): Promise<Account> {
    return this.accounts.me(caller);
  }

  @ApiOperation({
    summary: "What any signed-in person may know of another's account; services ask it for people they have not heard of yet.",
  })
  @Get('users/:userId')
  @ApiBearerAuth()
  @ApiOkResponse({ type: AccountSummaryDto })
  @ApiNotFoundResponse()
  summary(@Param() { userId }: UserIdDto): Promise<AccountSummary> {
    return this.accounts.summary(userId);
  }
}
