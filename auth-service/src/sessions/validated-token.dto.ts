import { ApiProperty } from '@nestjs/swagger';
import type { ValidatedToken } from '@chat/shared/contracts';

export class ValidatedTokenDto implements ValidatedToken {
  @ApiProperty({ format: 'uuid' }) userId: string;
  @ApiProperty({ format: 'uuid' }) sessionId: string;
}
