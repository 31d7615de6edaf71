import { Body, Controller, Header, HttpCode, Post } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiBearerAuth,
  ApiConflictResponse,
  ApiForbiddenResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  ApiTooManyRequestsResponse,
} from '@nestjs/swagger';
import { AllowDuringMfaEnrollment, type AuthenticatedUser, CurrentUser } from '@chat/shared/auth';
import type { RecoveryCodes, TotpSetup } from '@chat/shared/contracts';
import { Client, type ClientDetails } from '../client/client-details.js';
import { CodeDto, RecoveryCodesDto, TotpSetupDto } from './mfa.dto.js';
import { MfaEnrolmentService } from './mfa-enrolment.service.js';

@ApiTags('second factor')
@ApiBearerAuth()
@Controller('auth/totp')
export class MfaController {
  constructor(private readonly setup: MfaEnrolmentService) {}

  @ApiOperation({
    summary:
      'Gives a secret for an authenticator app. The second factor is on only after it was confirmed. Needs a sign-in of the last ten minutes.',
  })
  @AllowDuringMfaEnrollment()
  @Post('setup')
  @Header('cache-control', 'no-store')
  @HttpCode(200)
  @ApiOkResponse({ type: TotpSetupDto })
  @ApiForbiddenResponse({ description: 'The session was opened more than ten minutes ago: sign in again' })
  @ApiConflictResponse({ description: 'It is on already' })
  start(@CurrentUser() user: AuthenticatedUser): Promise<TotpSetup> {
    return this.setup.start(user);
  }

  @ApiOperation({ summary: 'Turns the second factor on with a code of the app, which is spent by it. Gives the recovery codes, once.' })
  @AllowDuringMfaEnrollment()
  @Post('confirm')
  @Header('cache-control', 'no-store')
  @HttpCode(200)
  @ApiOkResponse({ type: RecoveryCodesDto })
  @ApiBadRequestResponse({ description: 'The code is wrong' })
  @ApiConflictResponse({ description: 'It is on already, or there is no setup of the last 15 minutes' })
  @ApiTooManyRequestsResponse({ description: 'Too many wrong codes; `retryAfterSeconds` tells when to try again' })
  async confirm(
    @CurrentUser() user: AuthenticatedUser,
    @Body() { code }: CodeDto,
    @Client() client: ClientDetails,
  ): Promise<RecoveryCodes> {
    return { recoveryCodes: await this.setup.confirm(user, code, client) };
  }

  @ApiOperation({ summary: 'Turns the second factor off with a code of the app or a recovery code.' })
  @Post('disable')
  @HttpCode(204)
  @ApiNoContentResponse()
  @ApiForbiddenResponse({ description: 'This installation requires a second factor' })
  @ApiBadRequestResponse({ description: 'The code is wrong' })
  @ApiConflictResponse({ description: 'It is off' })
  @ApiTooManyRequestsResponse({ description: 'Too many wrong codes; `retryAfterSeconds` tells when to try again' })
  disable(@CurrentUser() user: AuthenticatedUser, @Body() { code }: CodeDto, @Client() client: ClientDetails): Promise<void> {
    return this.setup.disable(user, code, client);
  }
}
