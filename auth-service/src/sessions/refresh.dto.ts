import { ApiProperty } from '@nestjs/swagger';
import type { RefreshRequest } from '@chat/shared/contracts';
import { IsText } from '@chat/shared/http';

export class RefreshDto implements RefreshRequest {
  @ApiProperty({ description: 'Works once', maxLength: 500 })
  @IsText({ min: 1, max: 500 })
  refreshToken: string;
}
