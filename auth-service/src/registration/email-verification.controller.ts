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
import { EmailVerificationService } from './email-verification.service.js';

@ApiTags('e-mail address')
@Controller('auth/email')
export class EmailVerificationController {
  constructor(private readonly verification: EmailVerificationService) {}

  @ApiOperation({ summary: "Sends a link that confirms the caller's e-mail address. Links sent before stop working." })
  @Post('verification')
  @HttpCode(204)
  @ApiBearerAuth()
  @ApiNoContentResponse({ description: 'Also when the address is confirmed already; then nothing is sent' })
  @ApiTooManyRequestsResponse({ description: 'The links sent before are still good' })
  request(@CurrentUser() user: AuthenticatedUser): Promise<void> {
    return this.verification.request(user);
  }

  @ApiOperation({ summary: 'Confirms an e-mail address with the token of such a link.' })
  @Public()
  @Post('verify')
  @HttpCode(204)
  @ApiNoContentResponse()
  @ApiBadRequestResponse({ description: 'The token is unknown, was used, ran out, or a newer one was sent; which of them is not told' })
  verify(@Body() { token }: MailTokenDto, @Client() client: ClientDetails): Promise<void> {
    return this.verification.verify(token, client);
  }
}
