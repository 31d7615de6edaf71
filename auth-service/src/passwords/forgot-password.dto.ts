import { ApiProperty } from '@nestjs/swagger';
import type { ForgotPasswordRequest } from '@chat/shared/contracts';
import { IsEmailAddress } from '../accounts/is-email-address.js';

export class ForgotPasswordDto implements ForgotPasswordRequest {
  @ApiProperty({ example: 'ada@example.com', maxLength: 254, description: 'Without regard to case' })
  @IsEmailAddress()
  email: string;
}
