import type { PresenceStatus } from '@chat/shared/contracts';
import { IsId } from '@chat/shared/http';
import { ArgsType, Field, InputType, ObjectType, registerEnumType } from '@nestjs/graphql';
import { ArrayMaxSize, IsIn } from 'class-validator';
import { DateTime } from '../graphql/date-time.scalar.js';

export const PresenceStatusEnum = { ONLINE: 'ONLINE', OFFLINE: 'OFFLINE', AWAY: 'AWAY', BUSY: 'BUSY' } as const satisfies Record<
  PresenceStatus,
  string
>;
registerEnumType(PresenceStatusEnum, { name: 'PresenceStatus' });

@ObjectType({
  description:
    'As chosen (OFFLINE: not to be seen; last seen stays as it was) while a socket is open or a heartbeat is fresh, and for 10 s after; then OFFLINE. lastSeenAt: null if never.',
})
export class Presence {
  @Field()
  userId: string;

  @Field(() => PresenceStatusEnum)
  status: PresenceStatus;

  @Field(() => DateTime, { nullable: true })
  lastSeenAt: string | null;
}

@InputType()
export class UpdatePresenceInput {
  @IsIn(Object.keys(PresenceStatusEnum))
  @Field(() => PresenceStatusEnum)
  status: PresenceStatus;
}

@ArgsType()
export class PresenceArgs {
  @IsId()
  @Field()
  userId: string;
}

@ArgsType()
export class PresencesArgs {
  @ArrayMaxSize(500)
  @IsId({ each: true })
  @Field(() => [String])
  userIds: string[];
}
