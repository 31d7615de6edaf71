import { ApiProperty } from '@nestjs/swagger';
import type { CodeRequest } from '@chat/shared/contracts';
import { IsText } from '@chat/shared/http';

export class CodeDto implements CodeRequest {
  @ApiProperty({ description: 'Six digits of the app', example: '123456', maxLength: 64 })
  @IsText({ min: 1, max: 64 })
  code: string;
}
