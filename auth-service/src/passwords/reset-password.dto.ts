import { ApiProperty } from '@nestjs/swagger';
import type { ResetPasswordRequest } from '@chat/shared/contracts';
import { MailTokenDto } from '../mail/mail-token.dto.js';
import { IsPassword } from './is-password.js';

export class ResetPasswordDto extends MailTokenDto implements ResetPasswordRequest {
  @ApiProperty({ format: 'password', minLength: 8, maxLength: 256, description: 'Any characters; every one counts' })
  @IsPassword({ min: 8, max: 256 })
  newPassword: string;
}
