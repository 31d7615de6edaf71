import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiBearerAuth,
  ApiNoContentResponse,
  ApiOperation,
  ApiTags,
  ApiTooManyRequestsResponse,
} from '@nestjs/swagger';
import { AllowDuringMfaEnrollment, type AuthenticatedUser, CurrentUser, Public } from '@chat/shared/auth';
import { Client, type ClientDetails } from '../client/client-details.js';
import { RateLimited } from '../rate-limits/rate-limited.decorator.js';
import { PasswordChangeService } from './password-change.service.js';
import { PasswordResetRequestsService } from './password-reset-requests.service.js';
import { PasswordResetService } from './password-reset.service.js';
import { ChangePasswordDto, ForgotPasswordDto, ResetPasswordDto } from './passwords.dto.js';

@ApiTags('passwords')
@Controller('auth/password')
export class PasswordsController {
  constructor(
    private readonly passwordChange: PasswordChangeService,
    private readonly requests: PasswordResetRequestsService,
    private readonly passwordReset: PasswordResetService,
  ) {}

  @ApiOperation({ summary: 'Changes the password, and revokes every other session of the account.' })
  @AllowDuringMfaEnrollment()
  @RateLimited('password-change')
  @Post('change')
  @HttpCode(204)
  @ApiBearerAuth()
  @ApiNoContentResponse()
  @ApiBadRequestResponse({ description: 'The current password is wrong, or the new one is easily guessed' })
  change(@CurrentUser() user: AuthenticatedUser, @Body() request: ChangePasswordDto, @Client() client: ClientDetails): Promise<void> {
    return this.passwordChange.change(user, request, client);
  }

  @ApiOperation({ summary: 'Sends a link that sets a new password, if the address has an account. Earlier links stop working.' })
  @Public()
  @RateLimited('password-reset')
  @Post('forgot')
  @HttpCode(204)
  @ApiNoContentResponse({ description: 'The same, after the same time, whether the address has an account or not' })
  @ApiTooManyRequestsResponse({ description: 'Too many requests of this client; the same for every address' })
  requestReset(@Body() { email }: ForgotPasswordDto, @Client() client: ClientDetails): Promise<void> {
    return this.requests.request(email, client);
  }

  @ApiOperation({
    summary: 'Sets a new password with the token of such a link, and revokes every session of the account. It does not sign in.',
  })
  @Public()
  @RateLimited('password-reset')
  @Post('reset')
  @HttpCode(204)
  @ApiNoContentResponse()
  @ApiBadRequestResponse({
    description: 'The password is refused; or the token is unknown, used, expired, or replaced by a newer one: the response is the same',
  })
  reset(@Body() request: ResetPasswordDto, @Client() client: ClientDetails): Promise<void> {
    return this.passwordReset.reset(request, client);
  }
}
