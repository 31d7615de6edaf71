import type {
  ChatMember,
  ChatMessage,
  ChatReaction,
  ConversationKind,
  FileDescription,
  MemberRole,
  MessageStatus,
  Paginated as Page,
} from '@chat/shared/contracts';
import { Field, ID, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import { MediaAssetType } from '../files/files.types.js';
import { DateTime } from '../graphql/date-time.scalar.js';
import { Paginated } from '../graphql/pages.js';
import { ProfileType } from '../profiles/profiles.types.js';
import type { RepliedMessages } from './replied-messages.js';

export const ConversationKindEnum = { DIRECT: 'DIRECT', GROUP: 'GROUP' } as const satisfies Record<ConversationKind, string>;
registerEnumType(ConversationKindEnum, {
  name: 'ConversationKind',
  description: 'DIRECT: two members, at most one conversation per pair of users. GROUP: any number of members.',
});

export const MemberRoleEnum = { OWNER: 'OWNER', ADMIN: 'ADMIN', MEMBER: 'MEMBER' } as const satisfies Record<MemberRole, string>;
registerEnumType(MemberRoleEnum, {
  name: 'MemberRole',
  description: 'The role of a member in a group; in a direct conversation always MEMBER.',
});

export const MessageStatusEnum = { SENT: 'SENT', DELIVERED: 'DELIVERED', READ: 'READ' } as const satisfies Record<MessageStatus, string>;
registerEnumType(MessageStatusEnum, { name: 'MessageStatus', description: 'Whether the other members have received and read a message.' });

@ObjectType({ description: 'The members that reacted to a message with one emoji.' })
export class Reaction implements ChatReaction {
  @Field()
  emoji: string;

  @Field(() => Int, { description: 'How many members reacted.' })
  count: number;

  @Field(() => [String], {
    description:
      'In the order in which they reacted: all, if the message has at most 200 reactions; otherwise each emoji has the first ones, 200 divided by the number of emojis. `getReactionUserIds` has all.',
  })
  userIds: string[];

  @Field(() => Boolean, {
    nullable: true,
    description:
      'Whether the current user is one of them. Null in an event whose `userIds` do not tell it: then it is as before, unless the user reacted on another device; `getMessage` has it.',
  })
  isMine?: boolean | null;

  /** Set by the resolver of the message. */
  message?: Pick<Message, 'id' | 'isOfEvent'>;
}

@ObjectType({ description: 'A message. A deleted message remains as a tombstone.' })
export class Message implements ChatMessage {
  @Field(() => ID)
  id: string;

  @Field()
  conversationId: string;

  @Field(() => Int, { description: 'The number of the message in its conversation.' })
  seq: number;

  @Field()
  senderId: string;

  @Field(() => ProfileType, { nullable: true, description: 'Null if the sender deleted the account.' })
  sender?: ProfileType | null;

  @Field(() => String, { nullable: true, description: 'In a direct conversation, the member that is not the sender.' })
  receiverId: string | null;

  @Field({ description: 'Empty if the message has only attachments, and after deletion.' })
  content: string;

  @Field(() => [MediaAssetType], { description: 'In the order of the sender; at most 10. Empty after deletion.' })
  attachments: FileDescription[];

  replyToId: string | null;

  @Field(() => Message, {
    nullable: true,
    description: 'The message to which it replies, perhaps a tombstone; null if the current user may not see it.',
  })
  replyTo?: Message | null;

  @Field(() => [String], { description: 'The user ids of the mentioned members.' })
  mentions: string[];

  @Field(() => [Reaction], { description: 'In the order of first use.' })
  reactions: Reaction[];

  @Field(() => String, { nullable: true, description: 'As the sender gave it.' })
  clientMessageId: string | null;

  @Field(() => MessageStatusEnum, { description: 'The lowest status in the receipts of the other members.' })
  status: MessageStatus;

  @Field(() => DateTime)
  createdAt: string;

  @Field(() => DateTime, { nullable: true, description: 'The time of the last edit.' })
  editedAt: string | null;

  @Field(() => DateTime, { nullable: true, description: 'Null unless the message is a tombstone.' })
  deletedAt: string | null;

  @Field(() => DateTime, {
    nullable: true,
    description:
      'The time at which the receiver (direct conversation) or the last member (group) read the message: the time of the receipt that passed this seq.',
  })
  readAt: string | null;

  /** True for a message of an event, which other members receive, too. */
  isOfEvent?: boolean;

  /** Of an event: loads what `replyTo` needs, for all events of its page. */
  replies?: RepliedMessages;

  /** Of a message that is not new: loads its current receipt. Called when `status` or `readAt` is selected. Null if the user does not see it any more. */
  loadReceipt?: () => Promise<{ status: MessageStatus; readAt: string | null } | null>;
}

@ObjectType({ description: 'A user in a conversation, with the receipts of this user.' })
export class ConversationMember implements ChatMember {
  @Field()
  userId: string;

  @Field(() => MemberRoleEnum)
  role: MemberRole;

  @Field(() => Int, { description: 'The seq up to which the member has read.' })
  lastReadSeq: number;

  @Field(() => Int, { description: 'The seq up to which a device of the member has received messages.' })
  lastDeliveredSeq: number;

  @Field(() => DateTime)
  joinedAt: string;

  @Field(() => ProfileType, { nullable: true, description: 'Null if the member deleted the account.' })
  profile?: ProfileType | null;

  /** Of an event: loads the current state of the member. Called when a field is selected that the event does not have. */
  loadCurrent?: () => Promise<ChatMember | null>;
}

@ObjectType({ description: 'A conversation, as the current user sees it.' })
export class Conversation {
  @Field(() => ID)
  id: string;

  @Field(() => ConversationKindEnum)
  kind: ConversationKind;

  @Field(() => String, { nullable: true, description: 'Null for a direct conversation.' })
  title: string | null;

  @Field(() => MediaAssetType, { nullable: true, description: 'Of a group. Its URLs are for members.' })
  picture: FileDescription | null;

  @Field(() => [String], { description: 'The user ids of the members. They are loaded when they are selected.' })
  participants?: string[];

  /** Undefined unless they are known: MembersLoader loads them. */
  @Field(() => [ConversationMember], { description: 'Loaded when they are selected: an operation may select 100,000 of them.' })
  members?: ConversationMember[];

  @Field(() => Message, { nullable: true })
  lastMessage: Message | null;

  @Field(() => DateTime, { nullable: true })
  lastMessageAt: string | null;

  @Field(() => Int, { description: 'The seq of the newest message. Messages are numbered 1, 2, 3 … without gaps.' })
  lastSeq: number;

  @Field(() => Int, {
    description:
      'The number of messages of other members after the lastReadSeq of the current user, without deleted messages. A member that joins a group later starts with the seq at the time of joining, and sees no earlier message.',
  })
  unreadCount: number;

  @Field(() => DateTime, { nullable: true, description: 'Until then, new messages notify the current user of nothing. Null: not muted.' })
  mutedUntil: string | null;

  @Field(() => DateTime)
  createdAt: string;

  /** Of an event: loads the current state of the conversation. Called when a field is selected that the event does not have. */
  loadCurrent?: () => Promise<Conversation | null>;

  /** True for the conversation of an event, which other members receive, too: the last message, its time, `unreadCount` and `mutedUntil` are only for this one. */
  isOfEvent?: boolean;
}

@ObjectType()
export class PaginatedUserIds implements Page<string> {
  @Field(() => [String])
  data: string[];

  @Field(() => Int, { description: 'The number of user ids on all pages.' })
  total: number;

  @Field(() => Int)
  page: number;

  @Field(() => Int)
  limit: number;

  @Field(() => Int)
  totalPages: number;
}

@ObjectType()
export class PaginatedConversations extends Paginated(Conversation) {}

@ObjectType()
export class PaginatedMessages extends Paginated(Message) {
  @Field({ description: 'True if the conversation has messages before this page.' })
  hasOlder: boolean;

  @Field({ description: 'True if the conversation has messages after this page.' })
  hasNewer: boolean;
}
