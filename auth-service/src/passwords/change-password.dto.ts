import { ApiProperty } from '@nestjs/swagger';
import type { ChangePasswordRequest } from '@chat/shared/contracts';
import { IsPassword } from './is-password.js';

export class ChangePasswordDto implements ChangePasswordRequest {
  @ApiProperty({ format: 'password', maxLength: 256 })
  @IsPassword({ min: 1, max: 256 })
  currentPassword: string;

  @ApiProperty({ format: 'password', minLength: 8, maxLength: 256, description: 'Any characters; every one counts. Not a common one' })
  @IsPassword({ min: 8, max: 256 })
  newPassword: string;
}
