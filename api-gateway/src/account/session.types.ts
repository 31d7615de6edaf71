import { DateTime } from '../graphql/date-time.scalar.js';
import { Field, ID, ObjectType } from '@nestjs/graphql';

@ObjectType({ description: 'A sign-in on a device that still holds.' })
export class Session {
  @Field(() => ID)
  id: string;

  @Field({ description: 'Whether it is the one that asks.' })
  current: boolean;

  @Field(() => String, { nullable: true })
  userAgent: string | null;

  @Field(() => String, { nullable: true })
  ipAddress: string | null;

  @Field(() => DateTime)
  createdAt: string;

  @Field(() => DateTime, { description: 'When it last got tokens.' })
  lastUsedAt: string;
}
