import { ArgsType, Field, ID, Int, InterfaceType, ObjectType } from '@nestjs/graphql';
import { IsOptional, MaxLength } from 'class-validator';
import { Conversation, Message } from '../chat/chat.types.js';

@InterfaceType({ resolveType: (event: { type: string }) => event.type })
export abstract class StreamEvent {
  @Field({ description: 'Opaque. Keep the newest; pass it as `after` to go on from here.' })
  cursor: string;
}

@ObjectType('StreamOpened', {
  implements: () => [StreamEvent],
  description:
    'cursor: the position of `after` when recovered, else the present one; so a client cut off in the middle of a replay loses nothing.',
})
export class StreamOpenedEvent extends StreamEvent {
  @Field()
  recovered: boolean;
}

@ObjectType('MessageCreated', { implements: () => [StreamEvent] })
export class MessageCreatedEvent extends StreamEvent {
  @Field(() => Message)
  message: Message;
}

@ObjectType('ReceiptsAdvanced', { implements: () => [StreamEvent] })
export class ReceiptsAdvancedEvent extends StreamEvent {
  @Field(() => ID)
  conversationId: string;

  @Field(() => ID)
  userId: string;

  @Field(() => Int)
  lastReadSeq: number;

  @Field(() => Int)
  lastDeliveredSeq: number;
}

@ObjectType('ConversationCreated', { implements: () => [StreamEvent] })
export class ConversationCreatedEvent extends StreamEvent {
  @Field(() => Conversation)
  conversation: Conversation;
}

export const STREAM_EVENT_TYPES = [StreamOpenedEvent, MessageCreatedEvent, ReceiptsAdvancedEvent, ConversationCreatedEvent];

@ArgsType()
export class EventsArgs {
  @IsOptional()
  @MaxLength(4096)
  @Field(() => String, { nullable: true })
  after?: string | null;
}
