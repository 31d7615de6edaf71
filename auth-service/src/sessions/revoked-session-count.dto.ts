import { ApiProperty } from '@nestjs/swagger';
import type { RevokedSessionCount } from '@chat/shared/contracts';

export class RevokedSessionCountDto implements RevokedSessionCount {
  @ApiProperty({ description: 'How many sessions ended' }) revoked: number;
}
