import type { Presence, PresenceStatus } from '@chat/shared/contracts';
import { ApiProperty } from '@nestjs/swagger';
import { PRESENCE_STATUSES } from './presence.dto.js';

/** The contract's `Presence`, as Swagger shows it. */
export class PresenceView implements Presence {
  @ApiProperty({ format: 'uuid' })
  userId: string;

  @ApiProperty({ enum: PRESENCE_STATUSES })
  status: PresenceStatus;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'Null if never, or hidden.' })
  lastSeenAt: string | null;
}
