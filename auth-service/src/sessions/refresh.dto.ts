import { ApiProperty } from '@nestjs/swagger';
import type { RefreshRequest } from '@chat/shared/contracts';
import { IsString } from 'class-validator';

export class RefreshDto implements RefreshRequest {
  /** Any text: one that is no refresh token is answered as one that is not valid. */
  @ApiProperty({ description: 'Works once' })
  @IsString()
  refreshToken: string;
}
