import type { FileDescription } from './files.contract.js';
import type { Paginated } from './pages.contract.js';

/** A conversation of two users, or of a group. */
export type ConversationKind = 'DIRECT' | 'GROUP';
/** The role of a member in a group. */
export type MemberRole = 'OWNER' | 'ADMIN' | 'MEMBER';
/** The least advanced of the other members' receipts. */
export type MessageStatus = 'SENT' | 'DELIVERED' | 'READ';

/** A message as the current user may see it. */
export interface ChatMessage {
  id: string;
  conversationId: string;
  /** Dense from 1 within the conversation. */
  seq: number;
  senderId: string;
  /** In a direct conversation, the member that is not the sender; else null. */
  receiverId: string | null;
  /** Empty if the message has only attachments, and when it was deleted. */
  content: string;
  /** The message to which it replies, of the same conversation. */
  replyToId: string | null;
  /** The members that it mentions. */
  mentions: string[];
  /** In the order of the sender; at most 10. Members read them by `GET /files/:id/:variant`. */
  attachments: FileDescription[];
  /** In the order of first use. */
  reactions: ChatReaction[];
  clientMessageId: string | null;
  status: MessageStatus;
  /** RFC 3339 with milliseconds, UTC; so are all times below. */
  createdAt: string;
  /** Of the last change of the content. */
  editedAt: string | null;
  deletedAt: string | null;
  readAt: string | null;
}

/** The members that reacted to a message with one emoji. */
export interface ChatReaction {
  emoji: string;
  /** How many they are. */
  count: number;
  /** In the order in which they reacted: all, if the message has at most MAX_REACTION_USER_IDS reactions; else the first ones (see `shownReactions`). */
  userIds: string[];
}

/** An earlier content of a message: `GET /chat/messages/:id/versions`, oldest first. */
export interface MessageVersion {
  content: string;
  /** From this time until the next version, the message had this content. */
  createdAt: string;
}

/** A member of a conversation, with the receipts: everything up to these seqs was read, or has reached a device. */
export interface ChatMember {
  userId: string;
  role: MemberRole;
  lastReadSeq: number;
  lastDeliveredSeq: number;
  joinedAt: string;
}

/** A conversation for one of its members. */
export interface ChatConversation {
  id: string;
  kind: ConversationKind;
  title: string | null;
  /** Of a group. Members read it by `GET /files/:id/:variant`. */
  picture: FileDescription | null;
  members: ChatMember[];
  lastMessage: ChatMessage | null;
  lastMessageAt: string | null;
  lastSeq: number;
  unreadCount: number;
  /** Of the current user; null unless it is in the future. */
  mutedUntil: string | null;
  createdAt: string;
}

/** A conversation as requested with `Prefer: omit=members` (RFC 7240): without the members, of which a group may have 1,000. */
export type ConversationSummary = Omit<ChatConversation, 'members'> & { members?: ChatMember[] };

/** The value of the header `prefer`. A service that does not know it answers with the members. */
export const OMIT_MEMBERS = 'omit=members';

/** `POST /chat/conversations/members`, of up to 100 conversations, answered with those of which the current user is a member. */
export interface ConversationMembers {
  conversationId: string;
  members: ChatMember[];
}

/** What is different for each member of a conversation. */
export interface OwnConversationState {
  unreadCount: number;
  /** Null unless it is in the future. */
  mutedUntil: string | null;
  /** False for a member that joined after the last message. */
  seesLastMessage: boolean;
}

/**
 * `GET /chat/conversations/:id/for-members`, for gateways, which deliver one event to many members: the conversation at one moment. It is for its `members` at
 * that moment, and for no other user.
 */
export interface ConversationForMembers extends Omit<ChatConversation, 'members' | 'unreadCount' | 'mutedUntil'> {
  members: (ChatMember & OwnConversationState)[];
}

/** Of a group. */
export const MAX_GROUP_MEMBERS = 1000;

/** `POST /chat/groups`. The current user becomes the owner. */
export interface CreateGroupRequest {
  /** 1 to 100 characters that show something. */
  title: string;
  memberIds: string[];
  /** A completed upload of the current user for GROUP_PICTURE. */
  pictureMediaId?: string | null;
}

/** `PATCH /chat/groups/:conversationId`. What is not given stays as it is. */
export interface UpdateGroupRequest {
  title?: string | null;
  /** Null removes the picture. */
  pictureMediaId?: string | null;
}

/** `POST /chat/groups/:conversationId/members`. */
export interface AddMembersRequest {
  userIds: string[];
}

/** `PATCH /chat/groups/:conversationId/members/:userId`. */
export interface SetRoleRequest {
  role: MemberRole;
}

/** `POST /chat/messages`, and the message pattern SEND_MESSAGE. */
export interface SendMessageRequest {
  receiverId?: string;
  conversationId?: string;
  /** Content or an attachment is required. */
  content?: string;
  /** Completed uploads of the sender, at most 10; an id that is repeated counts once. */
  attachmentIds?: string[];
  replyToId?: string;
  /** At most 100 members of the conversation. */
  mentions?: string[];
  /** 1 to 64 characters, unique for its sender for ever. */
  clientMessageId?: string;
}

/** `PATCH /chat/messages/:id`. */
export interface EditMessageRequest {
  /** Empty only for a message with attachments, which stay. */
  content: string;
}

/** `POST` and `DELETE /chat/messages/:id/reactions`. */
export interface ReactionRequest {
  /** Exactly one emoji (RGI). */
  emoji: string;
}

/** `GET /chat/messages`. */
export interface MessagesQuery {
  conversationId: string;
  page?: number;
  limit?: number;
  beforeSeq?: number;
  afterSeq?: number;
  aroundSeq?: number;
}

/** The answer of `GET /chat/messages`, in the order of seq. */
export interface MessagePage extends Paginated<ChatMessage> {
  hasOlder: boolean;
  hasNewer: boolean;
}

/** `POST /chat/messages/bulk`, answered with those that the current user may see, in the order of the request. */
export interface MessageIdsRequest {
  /** At most 500. */
  messageIds: string[];
}

/** The answer of `POST /chat/messages/bulk`. */
export interface MessageForMembers extends ChatMessage {
  /** False if a member joined after it: in a group, such a member does not see it. */
  isVisibleToAll: boolean;
}

/** `POST /chat/messages/receipts`: `status` and `readAt` of up to 500 messages that the current user may see; others are left out. */
export interface MessageReceipt {
  messageId: string;
  status: MessageStatus;
  readAt: string | null;
}

/** `PUT /chat/conversations/:id/typing`, and the text on the Redis channel of the conversation: whether this member is typing. */
export interface Typing {
  conversationId: string;
  userId: string;
  typing: boolean;
}

/** How many receipts `POST /chat/receipts/delivered` accepts. */
export const MAX_DELIVERED_RECEIPTS = 2000;

/**
 * `POST /chat/receipts/delivered`, for gateways: member `userIds[i]` has received everything up to `seqs[i]` of `conversationIds[i]`. The lists
 * have the same length; users that are not members are left out.
 */
export interface DeliveredReceipts {
  conversationIds: string[];
  userIds: string[];
  seqs: number[];
}

/** The message pattern of chat-service (shared/src/rpc): a SendMessageRequest, answered with a ChatMessage. */
export const SEND_MESSAGE = 'sendMessage';
