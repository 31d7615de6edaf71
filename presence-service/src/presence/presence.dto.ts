import type { Presence, PresenceStatus } from '@chat/shared/contracts';
import { IsId } from '@chat/shared/http';
import { ApiProperty } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsIn } from 'class-validator';

const PRESENCE_STATUSES = ['ONLINE', 'OFFLINE', 'AWAY', 'BUSY'] as const satisfies PresenceStatus[];
const MAX_IDS = 500;

export class UpdatePresenceDto {
  @ApiProperty({ enum: PRESENCE_STATUSES, description: 'OFFLINE hides the user; last seen does not change.' })
  @IsIn(PRESENCE_STATUSES)
  status: PresenceStatus;
}

export class PresenceOfDto {
  @ApiProperty({ type: [String], maxItems: MAX_IDS })
  @IsArray()
  @ArrayMaxSize(MAX_IDS)
  @IsId({ each: true })
  userIds: string[];
}

export class PresenceView implements Presence {
  @ApiProperty({ format: 'uuid' })
  userId: string;

  @ApiProperty({ enum: PRESENCE_STATUSES })
  status: PresenceStatus;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'Null if the user was never seen, or if it is hidden.' })
  lastSeenAt: string | null;
}
