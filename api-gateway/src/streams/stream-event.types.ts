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

@ObjectType('ConversationUpdated', {
  implements: () => [StreamEvent],
  description: 'The title or the picture of a group was changed, or the current user muted or unmuted the conversation.',
})
export class ConversationUpdatedEvent extends StreamEvent {
  @Field(() => Conversation)
  conversation?: Conversation;

  loadConversation: () => Promise<Conversation>;
}

@ObjectType('MembersChanged', {
  implements: () => [StreamEvent],
  description:
    'Members were added to a group, removed from it, or have another role. The first event of its conversation for an added member, and the last one for a removed member.',
})
export class MembersChangedEvent extends StreamEvent {
  @Field(() => ID)
  conversationId: string;

  @Field(() => Conversation, {
    nullable: true,
    description: 'Null for a removed member. Beside the `conversation` of other events, which is never null, it needs an alias.',
  })
  conversation?: Conversation | null;

  @Field(() => [ID])
  added: string[];

  @Field(() => [ID])
  removed: string[];

  loadConversation: () => Promise<Conversation | null>;
}

export const STREAM_EVENT_TYPES = [
  StreamOpenedEvent,
  MessageCreatedEvent,
  MessageUpdatedEvent,
  MessageDeletedEvent,
  ReactionsChangedEvent,
  ReceiptsAdvancedEvent,
  ConversationCreatedEvent,
  ConversationUpdatedEvent,
  MembersChangedEvent,
];

@ArgsType()
export class EventsArgs {
  @IsOptional()
  @MaxLength(4096)
  @Field(() => String, { nullable: true })
  after?: string | null;
}
