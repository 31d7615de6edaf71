import { ArgsType, Field, ID, Int, InterfaceType, ObjectType } from '@nestjs/graphql';
import { IsOptional, MaxLength } from 'class-validator';
import { Conversation, Message } from '../chat/chat.types.js';

@InterfaceType({ description: 'An item of the subscription `events`.', resolveType: (event: { type: string }) => event.type })
export abstract class StreamEvent {
  @Field({ description: 'Opaque. Store the newest cursor, and pass it as `after` to continue from it.' })
  cursor: string;
}

@ObjectType('StreamOpened', {
  implements: () => [StreamEvent],
  description:
    '`cursor` is the position of `after` if `recovered` is true, otherwise the current position. A client that is disconnected during a replay therefore loses no event.',
})
export class StreamOpenedEvent extends StreamEvent {
  @Field()
  recovered: boolean;
}

@ObjectType('MessageCreated', { implements: () => [StreamEvent], description: 'A message was sent.' })
export class MessageCreatedEvent extends StreamEvent {
  @Field(() => Message)
  message: Message;
}

@ObjectType('MessageUpdated', { implements: () => [StreamEvent], description: 'The content of a message was changed.' })
export class MessageUpdatedEvent extends StreamEvent {
  @Field(() => Message)
  message: Message;
}

@ObjectType('MessageDeleted', { implements: () => [StreamEvent], description: 'A message became a tombstone.' })
export class MessageDeletedEvent extends StreamEvent {
  @Field(() => Message)
  message: Message;
}

@ObjectType('ReactionsChanged', { implements: () => [StreamEvent], description: 'A reaction to a message was added or removed.' })
export class ReactionsChangedEvent extends StreamEvent {
  @Field(() => Message)
  message: Message;
}

@ObjectType('ReceiptsAdvanced', { implements: () => [StreamEvent], description: 'A member has read or received more messages.' })
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

@ObjectType('ConversationCreated', { implements: () => [StreamEvent], description: 'A conversation was created.' })
export class ConversationCreatedEvent extends StreamEvent {
  @Field(() => Conversation)
  conversation: Conversation;
}

export const STREAM_EVENT_TYPES = [
  StreamOpenedEvent,
  MessageCreatedEvent,
  MessageUpdatedEvent,
  MessageDeletedEvent,
  ReactionsChangedEvent,
  ReceiptsAdvancedEvent,
  ConversationCreatedEvent,
];

@ArgsType()
export class EventsArgs {
  @IsOptional()
  @MaxLength(4096)
  @Field(() => String, { nullable: true })
  after?: string | null;
}
