import { IsId } from '@chat/shared/http';
import { ArgsType, Field, ID } from '@nestjs/graphql';

@ArgsType()
export class SessionArgs {
  @IsId()
  @Field(() => ID)
  sessionId: string;
}
