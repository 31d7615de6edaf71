import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiBearerAuth,
  ApiNoContentResponse,
  ApiOperation,
  ApiTags,
  ApiTooManyRequestsResponse,
} from '@nestjs/swagger';
import { type AuthenticatedUser, CurrentUser, Public } from '@chat/shared/auth';
import { Client, type ClientDetails } from '../client/client-details.js';
import { MailTokenDto } from '../mail/mail.dto.js';
import { RateLimited } from '../rate-limits/rate-limited.decorator.js';
import { EmailVerificationService } from './email-verification.service.js';

@ApiTags('e-mail address')
@Controller('auth/email')
export class EmailVerificationController {
  constructor(private readonly verification: EmailVerificationService) {}

  @ApiOperation({
    summary: 'Sends a link that confirms the e-mail address of the current user. It replaces the links that were sent before.',
  })
  @RateLimited('email-verification')
  @Post('verification')
  @HttpCode(204)
  @ApiBearerAuth()
  @ApiNoContentResponse({ description: 'Also if the address is confirmed already; then nothing is sent' })
  @ApiTooManyRequestsResponse({ description: 'The links that were sent before are still valid' })
  request(@CurrentUser() user: AuthenticatedUser, @Client() client: ClientDetails): Promise<void> {
    return this.verification.request(user, client);
  }

  @ApiOperation({ summary: 'Confirms an e-mail address with the token of such a link.' })
  @Public()
  @RateLimited('codes')
  @Post('verify')
  @HttpCode(204)
  @ApiNoContentResponse()
  @ApiBadRequestResponse({ description: 'The token is unknown, used, expired or replaced by a newer one: the response is the same' })
  verify(@Body() { token }: MailTokenDto, @Client() client: ClientDetails): Promise<void> {
    return this.verification.verify(token, client);
  }
}
