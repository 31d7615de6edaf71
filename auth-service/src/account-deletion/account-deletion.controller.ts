import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiBearerAuth,
  ApiForbiddenResponse,
  ApiNoContentResponse,
  ApiOperation,
  ApiTags,
  ApiUnauthorizedResponse,
} from '@nestjs/swagger';
import { type AuthenticatedUser, CurrentUser, AllowDuringMfaEnrollment } from '@chat/shared/auth';
import { AccountDeletionService } from './account-deletion.service.js';
import { DeleteAccountDto } from './delete-account.dto.js';

@ApiTags('accounts')
@Controller('auth')
export class AccountDeletionController {
  constructor(private readonly deletion: AccountDeletionService) {}

  @ApiOperation({
    summary:
      "Deletes the caller's account and announces UserDeleted, on which every service clears its part. The e-mail address and the user name are free at once; all sessions end, everywhere within a second.",
  })
  @AllowDuringMfaEnrollment()
  @Post('account/delete')
  @HttpCode(204)
  @ApiBearerAuth()
  @ApiNoContentResponse()
  @ApiBadRequestResponse({ description: 'The account has a password, and it was not given or is wrong' })
  @ApiForbiddenResponse({ description: 'The account has no password, and the session was opened more than ten minutes ago' })
  @ApiUnauthorizedResponse()
  delete(@CurrentUser() caller: AuthenticatedUser, @Body() { password }: DeleteAccountDto): Promise<void> {
    return this.deletion.delete(caller, password);
  }
}
