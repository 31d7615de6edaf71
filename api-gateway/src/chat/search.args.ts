import { IsId, IsText } from '@chat/shared/http';
import { ArgsType, Field, ID, Int } from '@nestjs/graphql';
import { IsInt, IsOptional, Max, Min } from 'class-validator';

@ArgsType()
export class SearchMessagesArgs {
  @IsText({ min: 1, max: 100 })
  @Field({ description: '1 to 100 characters, one of them visible. Every character counts as itself: there are no wildcards.' })
  query: string;

  @IsOptional()
  @IsId()
  @Field(() => ID, { nullable: true })
  conversationId?: string | null;

  @IsOptional()
  @IsId()
  @Field(() => ID, { nullable: true })
  senderId?: string | null;

  @IsInt()
  @Min(1)
  @Max(100)
  @Field(() => Int, { defaultValue: 20 })
  limit: number;

  @IsOptional()
  @IsText({ max: 100 })
  @Field(() => String, { nullable: true, description: 'The `nextCursor` of the page before.' })
  after?: string | null;
}
