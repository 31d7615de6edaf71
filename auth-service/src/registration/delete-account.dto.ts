import { ApiPropertyOptional } from '@nestjs/swagger';
import type { DeleteAccountRequest } from '@chat/shared/contracts';
import { IsOptional } from 'class-validator';
import { IsPassword } from '../passwords/is-password.js';

export class DeleteAccountDto implements DeleteAccountRequest {
  @ApiPropertyOptional({ description: 'Needed when the account has one' })
  @IsOptional()
  @IsPassword({ min: 0, max: 256 })
  password?: string;
}
