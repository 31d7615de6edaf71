import { ApiProperty } from '@nestjs/swagger';
import type { CompleteLoginRequest, LoginRequest } from '@chat/shared/contracts';
import { IsText } from '@chat/shared/http';
import { IsPassword } from '../passwords/is-password.js';

/** Only bounds: whether an address or a password could be one is not told apart from whether it is the right one. */
export class LoginDto implements LoginRequest {
  @ApiProperty({ example: 'ada@example.com', maxLength: 254, description: 'Without regard to case' })
  @IsText({ min: 1, max: 254 })
  email: string;

  @ApiProperty({ format: 'password', maxLength: 256 })
  @IsPassword({ min: 1, max: 256 })
  password: string;
}

export class CompleteLoginDto implements CompleteLoginRequest {
  @ApiProperty({ description: 'From the answer MFA_REQUIRED; lasts 5 minutes and 5 codes', maxLength: 500 })
  @IsText({ min: 1, max: 500 })
  mfaToken: string;

  @ApiProperty({ description: 'Six digits of the app, or a recovery code', example: '123456', maxLength: 64 })
  @IsText({ min: 1, max: 64 })
  code: string;
}
