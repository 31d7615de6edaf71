import { ApiProperty } from '@nestjs/swagger';
import type { EndedSessions } from '@chat/shared/contracts';

export class EndedSessionsDto implements EndedSessions {
  @ApiProperty({ description: 'How many sessions ended' }) ended: number;
}
