import type { SearchPage } from '@chat/shared/contracts';
import { Field, ObjectType } from '@nestjs/graphql';
import { Message } from './chat.types.js';

@ObjectType()
export class MessageSearchResult implements SearchPage {
  @Field(() => [Message], { description: 'Newest first.' })
  data: Message[];

  @Field(() => String, {
    nullable: true,
    description: 'Pass it as `after` for older messages; null if there are none. A page may have fewer than `limit` messages and a cursor.',
  })
  nextCursor: string | null;
}
