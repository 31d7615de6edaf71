import type { PresenceStatus } from '@chat/shared/contracts';
import { IsId } from '@chat/shared/http';
import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsIn } from 'class-validator';

export const PRESENCE_STATUSES = ['ONLINE', 'OFFLINE', 'AWAY', 'BUSY'] as const satisfies PresenceStatus[];
const MAX_IDS = 500;

/** Ids are compared and given back in lower case, however they were written. */
const inLowerCase = (id: unknown) => (typeof id === 'string' ? id.toLowerCase() : id);

export class UpdatePresenceDto {
  @ApiProperty({ enum: PRESENCE_STATUSES, description: 'OFFLINE: not to be seen; last seen stays as it was.' })
  @IsIn(PRESENCE_STATUSES)
  status: PresenceStatus;
}

export class UserIdParams {
  @ApiProperty({ format: 'uuid' })
  @Transform(({ value }) => inLowerCase(value))
  @IsId()
  userId: string;
}

export class PresenceOfDto {
  @ApiProperty({ type: [String], maxItems: MAX_IDS })
  @Transform(({ value }) => (Array.isArray(value) ? value.map(inLowerCase) : value))
  @IsArray()
  @ArrayMaxSize(MAX_IDS)
  @IsId({ each: true })
  userIds: string[];
}
