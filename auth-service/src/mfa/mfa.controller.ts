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
import { RateLimited } from '../rate-limits/rate-limited.decorator.js';
import { CodeDto, RecoveryCodesDto, TotpSetupDto } from './mfa.dto.js';
import { MfaEnrolmentService } from './mfa-enrolment.service.js';

@ApiTags('MFA')
@ApiBearerAuth()
@Controller('auth/totp')
export class MfaController {
  constructor(private readonly setup: MfaEnrolmentService) {}

  @ApiOperation({
    summary:
      'Returns a secret for an authenticator app. MFA is enabled only after the confirmation. Requires a login within the last ten minutes.',
  })
  @AllowDuringMfaEnrollment()
  @Post('setup')
  @Header('cache-control', 'no-store')
  @HttpCode(200)
  @ApiOkResponse({ type: TotpSetupDto })
  @ApiForbiddenResponse({ description: 'The session was created more than ten minutes ago: sign in again' })
  @ApiConflictResponse({ description: 'MFA is enabled already' })
  start(@CurrentUser() user: AuthenticatedUser): Promise<TotpSetup> {
    return this.setup.start(user);
  }

  @ApiOperation({ summary: 'Enables MFA with a code of the app, which is used by this. Returns the recovery codes, once.' })
  @AllowDuringMfaEnrollment()
  @RateLimited('codes')
  @Post('confirm')
  @Header('cache-control', 'no-store')
  @HttpCode(200)
  @ApiOkResponse({ type: RecoveryCodesDto })
  @ApiBadRequestResponse({ description: 'The code is wrong' })
  @ApiConflictResponse({ description: 'MFA is enabled already, or there is no enrolment of the last 15 minutes' })
  @ApiTooManyRequestsResponse({ description: 'Too many wrong codes; retry after `retryAfterSeconds`' })
  async confirm(
    @CurrentUser() user: AuthenticatedUser,
    @Body() { code }: CodeDto,
    @Client() client: ClientDetails,
  ): Promise<RecoveryCodes> {
    return { recoveryCodes: await this.setup.confirm(user, code, client) };
  }

  @ApiOperation({ summary: 'Disables MFA with a code of the app or a recovery code.' })
  @RateLimited('codes')
  @Post('disable')
  @HttpCode(204)
  @ApiNoContentResponse()
  @ApiForbiddenResponse({ description: 'This installation requires MFA' })
  @ApiBadRequestResponse({ description: 'The code is wrong' })
  @ApiConflictResponse({ description: 'MFA is not enabled' })
  @ApiTooManyRequestsResponse({ description: 'Too many wrong codes; retry after `retryAfterSeconds`' })
  disable(@CurrentUser() user: AuthenticatedUser, @Body() { code }: CodeDto, @Client() client: ClientDetails): Promise<void> {
    return this.setup.disable(user, code, client);
  }
}
