import { ApiProperty } from '@nestjs/swagger';
import type { ChangePasswordRequest, ForgotPasswordRequest, ResetPasswordRequest } from '@chat/shared/contracts';
import { IsEmailAddress, IsPassword } from '@chat/shared/http';
import { MailTokenDto } from '../mail/mail.dto.js';

export class ChangePasswordDto implements ChangePasswordRequest {
  @ApiProperty({ format: 'password', maxLength: 256 })
  @IsPassword({ min: 1, max: 256 })
  currentPassword: string;

  @ApiProperty({ format: 'password', minLength: 8, maxLength: 256, description: 'Any characters; every one counts. Not a common password' })
  @IsPassword({ min: 8, max: 256 })
  newPassword: string;
}

export class ForgotPasswordDto implements ForgotPasswordRequest {
  @ApiProperty({
    example: 'ada@example.com',
    maxLength: 254,
    description: 'In any spelling: case and surrounding white space do not matter',
  })
  @IsEmailAddress()
  email: string;
}

export class ResetPasswordDto extends MailTokenDto implements ResetPasswordRequest {
  @ApiProperty({ format: 'password', minLength: 8, maxLength: 256, description: 'Any characters; every one counts. Not a common password' })
  @IsPassword({ min: 8, max: 256 })
  newPassword: string;
}
