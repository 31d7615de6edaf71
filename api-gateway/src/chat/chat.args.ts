import { IsId, IsText } from '@chat/shared/http';
import { ArgsType, Field, ID, InputType, Int } from '@nestjs/graphql';
import { ArrayMaxSize, IsInt, IsOptional, Max, Min, ValidateIf } from 'class-validator';
import { DateTime } from '../graphql/date-time.scalar.js';
import { PageArgs } from '../graphql/pages.js';

@InputType()
export class CreateMessageInput {
  @IsOptional()
  @IsId()
  @Field(() => String, { nullable: true })
  receiverId?: string | null;

  @IsOptional()
  @IsId()
  @Field(() => String, { nullable: true })
  conversationId?: string | null;

  @ValidateIf(({ content, attachmentIds }: CreateMessageInput) => !!content || !attachmentIds?.length)
  @IsText({ min: 1, max: 8000 })
  @Field(() => String, { nullable: true, description: 'At most 8,000 characters. Content or an attachment is required.' })
  content?: string | null;

  @IsOptional()
  @ArrayMaxSize(10)
  @IsId({ each: true })
  @Field(() => [ID], {
    nullable: true,
    description:
      'Ids of completed uploads of the current user for MESSAGE_ATTACHMENT that no message uses yet; at most 10. An id that is repeated counts once.',
  })
  attachmentIds?: string[] | null;

  @IsOptional()
  @IsId()
  @Field(() => ID, { nullable: true, description: 'A message of the same conversation.' })
  replyToId?: string | null;

  @IsOptional()
  @ArrayMaxSize(100)
  @IsId({ each: true })
  @Field(() => [ID], { nullable: true, description: 'At most 100 members of the conversation.' })
  mentions?: string[] | null;

  @IsOptional()
  @IsText({ min: 1, max: 64 })
  @Field(() => String, {
    nullable: true,
    description: '1 to 64 characters, unique per sender for ever: a UUID that the client generates before the first attempt.',
  })
  clientMessageId?: string | null;
}

@ArgsType()
export class ConversationArgs {
  @IsId()
  @Field(() => ID)
  conversationId: string;
}

@ArgsType()
export class MessageArgs {
  @IsId()
  @Field(() => ID)
  messageId: string;
}

@ArgsType()
export class EditMessageArgs extends MessageArgs {
  @IsText({ min: 0, max: 8000 })
  @Field(() => String, { description: 'Empty only for a message with attachments.' })
  content: string;
}

@ArgsType()
export class ReactionArgs extends MessageArgs {
  @IsText({ min: 1, max: 50 })
  @Field(() => String)
  emoji: string;
}

@ArgsType()
export class ReactionUserIdsArgs extends PageArgs {
  @IsId()
  @Field(() => ID)
  messageId: string;

  @IsText({ min: 1, max: 50 })
  @Field(() => String)
  emoji: string;
}

@ArgsType()
export class MarkMessageArgs {
  @IsId()
  @Field(() => String)
  messageId: string;
}

@ArgsType()
export class MarkConversationArgs extends ConversationArgs {
  @IsInt()
  @Min(0)
  @Field(() => Int)
  seq: number;
}

@ArgsType()
export class MuteConversationArgs extends ConversationArgs {
  @IsOptional()
  @Field(() => DateTime, { nullable: true })
  until?: Date | null;
}

@ArgsType()
export class MessagesArgs extends PageArgs {
  @IsId()
  @Field(() => String)
  conversationId: string;

  @IsInt()
  @Min(1)
  @Max(100)
  @Field(() => Int, { defaultValue: 50 })
  override limit: number;

  @IsOptional()
  @IsInt()
  @Field(() => Int, { nullable: true })
  beforeSeq?: number | null;

  @IsOptional()
  @IsInt()
  @Field(() => Int, { nullable: true })
  afterSeq?: number | null;

  @IsOptional()
  @IsInt()
  @Field(() => Int, { nullable: true })
  aroundSeq?: number | null;
}

@ArgsType()
export class MessageReceivedArgs {
  @IsOptional()
  @IsId()
  @Field(() => ID, { nullable: true })
  conversationId?: string | null;
}
