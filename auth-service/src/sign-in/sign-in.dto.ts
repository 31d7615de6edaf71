import { ApiProperty } from '@nestjs/swagger';
import type { CompleteLoginRequest, LoginRequest } from '@chat/shared/contracts';
import { canonicalEmail, IsPassword, IsText } from '@chat/shared/http';
import { Transform } from 'class-transformer';

/** Only limits: a text that cannot be an address or a password has the same response as a wrong one. */
export class LoginDto implements LoginRequest {
  @ApiProperty({
    example: 'ada@example.com',
    maxLength: 254,
    description: 'In any spelling: case and surrounding white space do not matter',
  })
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? (canonicalEmail(value) ?? value) : value))
  @IsText({ min: 1, max: 254 })
  email: string;

  @ApiProperty({ format: 'password', maxLength: 256 })
  @IsPassword({ min: 1, max: 256 })
  password: string;
}

export class CompleteLoginDto implements CompleteLoginRequest {
  @ApiProperty({ description: 'From the error MFA_REQUIRED; valid for 5 minutes and 5 codes', maxLength: 500 })
  @IsText({ min: 1, max: 500 })
  mfaToken: string;

  @ApiProperty({ description: 'Six digits from the authenticator app, or a recovery code', example: '123456', maxLength: 64 })
  @IsText({ min: 1, max: 64 })
  code: string;
}
