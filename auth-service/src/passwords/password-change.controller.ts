import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiBadRequestResponse, ApiBearerAuth, ApiNoContentResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type AuthenticatedUser, CurrentUser, AllowDuringMfaEnrollment } from '@chat/shared/auth';
import type { ClientDetails } from '../client/client-details.js';
import { Client } from '../client/client.decorator.js';
import { ChangePasswordDto } from './change-password.dto.js';
import { PasswordChangeService } from './password-change.service.js';

@ApiTags('accounts')
@Controller('auth/password')
export class PasswordChangeController {
  constructor(private readonly passwordChange: PasswordChangeService) {}

  @ApiOperation({ summary: 'Changes the password, and ends every other session of the account.' })
  @AllowDuringMfaEnrollment()
  @Post('change')
  @HttpCode(204)
  @ApiBearerAuth()
  @ApiNoContentResponse()
  @ApiBadRequestResponse({ description: 'The current password is wrong, or the new one is easily guessed' })
  change(@CurrentUser() user: AuthenticatedUser, @Body() request: ChangePasswordDto, @Client() client: ClientDetails): Promise<void> {
    return this.passwordChange.change(user, request, client);
  }
}
