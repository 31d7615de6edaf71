import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiBadRequestResponse, ApiNoContentResponse, ApiOperation, ApiTags, ApiTooManyRequestsResponse } from '@nestjs/swagger';
import { Public } from '@chat/shared/auth';
import type { ClientDetails } from '../client/client-details.js';
import { Client } from '../client/client.decorator.js';
import { ForgotPasswordDto } from './forgot-password.dto.js';
import { PasswordResetRequestsService } from './password-reset-requests.service.js';
import { PasswordResetService } from './password-reset.service.js';
import { ResetPasswordDto } from './reset-password.dto.js';

@ApiTags('passwords')
@Controller('auth/password')
export class PasswordResetController {
  constructor(
    private readonly requests: PasswordResetRequestsService,
    private readonly passwordReset: PasswordResetService,
  ) {}

  @ApiOperation({ summary: 'Sends a link that sets a new password, if the address has an account. Links sent before stop working.' })
  @Public()
  @Post('forgot')
  @HttpCode(204)
  @ApiNoContentResponse({ description: 'The same, after the same time, whether the address has an account or not' })
  @ApiTooManyRequestsResponse({ description: 'This client asked too often; the same for every address' })
  forgot(@Body() { email }: ForgotPasswordDto, @Client() client: ClientDetails): Promise<void> {
    return this.requests.request(email, client);
  }

  @ApiOperation({
    summary: 'Sets a new password with the token of such a link, and ends every session of the account. It signs nobody in.',
  })
  @Public()
  @Post('reset')
  @HttpCode(204)
  @ApiNoContentResponse()
  @ApiBadRequestResponse({
    description:
      'The password cannot be taken; or the token is unknown, was used, ran out, or a newer one was sent, which of them is not told',
  })
  reset(@Body() request: ResetPasswordDto, @Client() client: ClientDetails): Promise<void> {
    return this.passwordReset.reset(request, client);
  }
}
