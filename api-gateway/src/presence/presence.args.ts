import type { PresenceStatus } from '@chat/shared/contracts';
import { IsId } from '@chat/shared/http';
import { ArgsType, Field, InputType } from '@nestjs/graphql';
import { ArrayMaxSize, IsIn } from 'class-validator';
import { PresenceStatusEnum } from './presence.types.js';

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
