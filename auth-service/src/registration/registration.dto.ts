import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { DeleteAccountRequest, RegisterRequest } from '@chat/shared/contracts';
import { IsText } from '@chat/shared/http';
import { IsOptional, Matches } from 'class-validator';
import { IsEmailAddress } from '../accounts/is-email-address.js';
import { IsPassword } from '../passwords/is-password.js';

export class RegisterDto implements RegisterRequest {
  @ApiProperty({ example: 'ada@example.com', maxLength: 254, description: 'Unique without regard to case' })
  @IsEmailAddress()
  email: string;

  @ApiProperty({ example: 'ada', minLength: 3, maxLength: 32, pattern: '^[A-Za-z0-9._-]+$', description: 'Unique without regard to case' })
  @Matches(/^[A-Za-z0-9._-]{3,32}$/, { message: 'username must be 3 to 32 characters of A-Z a-z 0-9 . _ -' })
  username: string;

  @ApiProperty({ format: 'password', minLength: 8, maxLength: 256, description: 'Any characters; every one counts. Not a common one' })
  @IsPassword({ min: 8, max: 256 })
  password: string;

  @ApiPropertyOptional({ maxLength: 100, description: 'For the profile, which is where it can be changed' })
  @IsOptional()
  @IsText({ max: 100 })
  firstName?: string;

  @ApiPropertyOptional({ maxLength: 100 })
  @IsOptional()
  @IsText({ max: 100 })
  lastName?: string;
}

export class DeleteAccountDto implements DeleteAccountRequest {
  @ApiPropertyOptional({ description: 'Needed when the account has one' })
  @IsOptional()
  @IsPassword({ min: 0, max: 256 })
  password?: string;
}
