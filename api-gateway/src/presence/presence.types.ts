import type { PresenceStatus } from '@chat/shared/contracts';
import { Field, ObjectType, registerEnumType } from '@nestjs/graphql';
import { DateTime } from '../graphql/date-time.scalar.js';

export const PresenceStatusEnum = { ONLINE: 'ONLINE', OFFLINE: 'OFFLINE', AWAY: 'AWAY', BUSY: 'BUSY' } as const satisfies Record<
  PresenceStatus,
  string
>;
registerEnumType(PresenceStatusEnum, { name: 'PresenceStatus', description: 'OFFLINE: not connected, or invisible.' });

@ObjectType({
  description:
    '`status` is the chosen status while a socket is open or a heartbeat is valid, and for 10 s after that; then OFFLINE. A user that chose OFFLINE is invisible, and lastSeenAt does not change. lastSeenAt is null if the user was never seen.',
})
export class Presence {
  @Field()
  userId: string;

  @Field(() => PresenceStatusEnum)
  status: PresenceStatus;

  @Field(() => DateTime, { nullable: true })
  lastSeenAt: string | null;
}
