import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { DeleteAccountRequest, RegisterRequest } from '@chat/shared/contracts';
import { IsName, IsPassword, IsUsername } from '@chat/shared/http';
import { IsOptional } from 'class-validator';
import { IsEmailAsTyped } from '../accounts/is-email-address.js';

export class RegisterDto implements RegisterRequest {
  @ApiProperty({ example: 'ada@example.com', maxLength: 254, description: 'Unique without regard to case and spelling' })
  @IsEmailAsTyped()
  email: string;

  @ApiProperty({ example: 'ada', minLength: 3, maxLength: 32, pattern: '^[A-Za-z0-9._-]+$', description: 'Unique without regard to case' })
  @IsUsername()
  username: string;

  @ApiProperty({ format: 'password', minLength: 8, maxLength: 256, description: 'Any characters; every one counts. Not a common password' })
  @IsPassword({ min: 8, max: 256 })
  password: string;

  @ApiPropertyOptional({ maxLength: 100, description: 'For the profile, where it can be changed' })
  @IsOptional()
  @IsName({ max: 100, allowEmpty: true })
  firstName?: string;

  @ApiPropertyOptional({ maxLength: 100 })
  @IsOptional()
  @IsName({ max: 100, allowEmpty: true })
  lastName?: string;
}

export class DeleteAccountDto implements DeleteAccountRequest {
  @ApiPropertyOptional({ description: 'Required if the account has one' })
  @IsOptional()
  @IsPassword({ min: 0, max: 256 })
  password?: string;
}
