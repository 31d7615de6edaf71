import { ArgsType, Field, ID, ObjectType } from '@nestjs/graphql';
import { IsBoolean } from 'class-validator';
import { ConversationArgs } from '../chat/chat.args.js';

@ObjectType({ description: 'A member of a conversation began or ended to type.' })
export class Typing {
  @Field(() => ID)
  conversationId: string;

  @Field(() => ID)
  userId: string;

  @Field()
  typing: boolean;
}

@ArgsType()
export class SetTypingArgs extends ConversationArgs {
  @IsBoolean()
  @Field()
  typing: boolean;
}
