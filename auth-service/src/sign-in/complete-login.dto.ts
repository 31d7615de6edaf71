import { ApiProperty } from '@nestjs/swagger';
import type { CompleteLoginRequest } from '@chat/shared/contracts';
import { IsText } from '@chat/shared/http';

export class CompleteLoginDto implements CompleteLoginRequest {
  @ApiProperty({ description: 'From the answer MFA_REQUIRED; lasts 5 minutes and 5 codes', maxLength: 500 })
  @IsText({ min: 1, max: 500 })
  mfaToken: string;

  @ApiProperty({ description: 'Six digits of the app, or a recovery code', example: '123456', maxLength: 64 })
  @IsText({ min: 1, max: 64 })
  code: string;
}
