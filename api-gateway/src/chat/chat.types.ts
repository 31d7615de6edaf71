import type { ChatMember, ChatMessage, ConversationKind, MemberRole, MessageStatus } from '@chat/shared/contracts';
import { Field, ID, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import { DateTime } from '../graphql/date-time.scalar.js';
import { ProfileType } from '../profiles/profile.types.js';

export const ConversationKindEnum = { DIRECT: 'DIRECT', GROUP: 'GROUP' } as const satisfies Record<ConversationKind, string>;
registerEnumType(ConversationKindEnum, { name: 'ConversationKind' });

export const MemberRoleEnum = { OWNER: 'OWNER', ADMIN: 'ADMIN', MEMBER: 'MEMBER' } as const satisfies Record<MemberRole, string>;
registerEnumType(MemberRoleEnum, { name: 'MemberRole' });

export const MessageStatusEnum = { SENT: 'SENT', DELIVERED: 'DELIVERED', READ: 'READ' } as const satisfies Record<MessageStatus, string>;
registerEnumType(MessageStatusEnum, { name: 'MessageStatus' });

@ObjectType()
export class Message implements ChatMessage {
  @Field(() => ID)
  id: string;

  @Field()
  conversationId: string;

  @Field(() => Int)
  seq: number;

  @Field()
  senderId: string;

  @Field(() => ProfileType, { nullable: true, description: 'Null when the sender deleted the account.' })
  sender?: ProfileType | null;

  @Field(() => String, { nullable: true, description: 'In a direct conversation, the member who is not the sender.' })
  receiverId: string | null;

  @Field({ description: 'Empty after deletion.' })
  content: string;

  @Field(() => String, { nullable: true })
  clientMessageId: string | null;

  @Field(() => MessageStatusEnum, { description: "The least advanced of the other members' receipts." })
  status: MessageStatus;

  @Field(() => DateTime)
  createdAt: string;

  @Field(() => DateTime, { nullable: true })
  deletedAt: string | null;

  @Field(() => DateTime, {
    nullable: true,
    description: 'When the receiver read it (direct), or the last member did (group): the time of the receipt that passed this seq.',
  })
  readAt: string | null;

  /** Of a replayed message: its receipt as it is now, looked up when status or readAt is selected. */
  receipt?: () => Promise<{ status: MessageStatus; readAt: string | null }>;
}

@ObjectType()
export class ConversationMember implements ChatMember {
  @Field()
  userId: string;

  @Field(() => MemberRoleEnum)
  role: MemberRole;

  @Field(() => Int)
  lastReadSeq: number;

  @Field(() => Int)
  lastDeliveredSeq: number;

  @Field(() => DateTime)
  joinedAt: string;

  @Field(() => ProfileType, { nullable: true })
  profile?: ProfileType | null;

  /** Of an event: the member as it is now, looked up when more is selected than the event carries. */
  present?: () => Promise<ChatMember | null>;
}

@ObjectType()
export class Conversation {
  @Field(() => ID)
  id: string;

  @Field(() => ConversationKindEnum)
  kind: ConversationKind;

  @Field(() => String, { nullable: true })
  title: string | null;

  @Field(() => [String])
  participants?: string[];

  @Field(() => [ConversationMember])
  members: ConversationMember[];

  @Field(() => Message, { nullable: true })
  lastMessage: Message | null;

  @Field(() => DateTime, { nullable: true })
  lastMessageAt: string | null;

  @Field(() => Int, { description: 'Number of the newest message; they are numbered 1, 2, 3 … without gaps.' })
  lastSeq: number;

  @Field(() => Int, {
    description:
      "Messages of others after the caller's lastReadSeq, deleted ones not counted. Who joins a group later starts with the seq of joining, and sees no message before it.",
  })
  unreadCount: number;

  @Field(() => DateTime)
  createdAt: string;

  /** Of an event: the conversation as it is now, looked up when more is selected than the event carries. */
  present?: () => Promise<Conversation | null>;
}

@ObjectType()
export class PaginatedConversations {
  @Field(() => [Conversation])
  data: Conversation[];

  @Field(() => Int)
  total: number;

  @Field(() => Int)
  page: number;

  @Field(() => Int)
  limit: number;

  @Field(() => Int)
  totalPages: number;
}

@ObjectType()
export class PaginatedMessages {
  @Field(() => [Message])
  data: Message[];

  @Field(() => Int)
  total: number;

  @Field(() => Int)
  page: number;

  @Field(() => Int)
  limit: number;

  @Field(() => Int)
  totalPages: number;

  @Field()
  hasOlder: boolean;

  @Field()
  hasNewer: boolean;
}
