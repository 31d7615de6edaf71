import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import {
  ApiBadRequestResponse,
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
import { AllowDuringMfaEnrollment, type AuthenticatedUser, CurrentUser, ForServices } from '@chat/shared/auth';
import type { Account, AccountSummary } from '@chat/shared/contracts';
import { IdPipe } from '@chat/shared/http';
import { Client, type ClientDetails } from '../client/client-details.js';
import { AccountDto, AccountSummaryDto } from '../accounts/accounts.dto.js';
import { RateLimited } from '../rate-limits/rate-limited.decorator.js';
import { AccountDeletionService } from './account-deletion.service.js';
import { AccountReader } from './account-reader.js';
import { DeleteAccountDto } from './registration.dto.js';

@ApiTags('accounts')
@ApiBearerAuth()
@Controller('auth')
export class AccountController {
  constructor(
    private readonly accounts: AccountReader,
    private readonly deletion: AccountDeletionService,
  ) {}

  @ApiOperation({ summary: 'The account of the current user.' })
  @AllowDuringMfaEnrollment()
  @Get('me')
  @ApiOkResponse({ type: AccountDto })
  me(@CurrentUser() user: AuthenticatedUser): Promise<Account> {
    return this.accounts.own(user);
  }

  @ApiOperation({
    summary:
      'The names of an account, for chat-service and profile-service only: they request it for a user whose events they have not consumed yet.',
  })
  @ForServices('chat-service', 'profile-service')
  @Get('users/:userId')
  @ApiParam({ name: 'userId', format: 'uuid' })
  @ApiOkResponse({ type: AccountSummaryDto })
  @ApiNotFoundResponse()
  summary(@Param('userId', IdPipe) userId: string): Promise<AccountSummary> {
    return this.accounts.summary(userId);
  }

  @ApiOperation({
    summary:
      'Deletes the account of the current user and publishes UserDeleted; every service then deletes its data of that user. E-mail address and user name are free at once. All sessions are revoked, everywhere within a second.',
  })
  @AllowDuringMfaEnrollment()
  @RateLimited('password-change')
  @Post('account/delete')
  @HttpCode(204)
  @ApiNoContentResponse()
  @ApiBadRequestResponse({ description: 'The account has a password, and the request has none or a wrong one' })
  @ApiForbiddenResponse({ description: 'The account has no password, and the session was created more than ten minutes ago' })
  @ApiUnauthorizedResponse()
  delete(@CurrentUser() user: AuthenticatedUser, @Body() { password }: DeleteAccountDto, @Client() client: ClientDetails): Promise<void> {
    return this.deletion.delete(user, password, client);
  }
}
