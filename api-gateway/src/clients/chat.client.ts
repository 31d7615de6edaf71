import {
  type ChatConversation,
  type ChatMessage,
  type ConversationForMembers,
  type ConversationMembers,
  type ConversationSummary,
  type CreateGroupRequest,
  type CreateUploadRequest,
  type DeliveredReceipts,
  type MediaAsset,
  type MemberRole,
  type MessageForMembers,
  type MessagePage,
  type MessageReceipt,
  type MessagesQuery,
  OMIT_MEMBERS,
  type OwnReactions,
  type Paginated,
  type RequestToken,
  type SearchMessagesRequest,
  type SearchPage,
  type UpdateGroupRequest,
  type UploadTicket,
} from '@chat/shared/contracts';
import { InternalTokens } from '@chat/shared/auth';
import { pathOf, ServiceClient } from '@chat/shared/http';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { GatewayConfig } from '../config.js';

/** Of the requests that advance receipts: chat-service answers them after the interval of the receipt, a second by default. */
const MAX_RECEIPT_CONNECTIONS = 256;

/** Of the requests that complete uploads, which take as long as the check of a file. */
const MAX_UPLOAD_CONNECTIONS = 128;
const COMPLETE_TIMEOUT_MS = 60_000;

/** What an internal token represents that is for no user: no account has these ids. */
const NO_USER = { userId: '00000000-0000-0000-0000-000000000000', sessionId: '00000000-0000-0000-0000-000000000000' };

/** The members of 100 groups of 1,000 members have 14 MB. */
const MAX_RESPONSE_BYTES = 32 * 1024 * 1024;

/** Members are loaded when they are selected: see MembersLoader. */
const WITHOUT_MEMBERS = { prefer: OMIT_MEMBERS };

/** chat-service over HTTP. Sends go over one TCP connection instead: see RpcClient in ClientsModule. */
@Injectable()
export class ChatClient implements OnApplicationShutdown {
  private readonly http: ServiceClient;
  /** Connections of its own, so that no other request waits for those that are held. */
  private readonly receipts: ServiceClient;
  private readonly uploads: ServiceClient;

  constructor(
    { chatServiceUrl: baseUrl }: GatewayConfig,
    private readonly internalTokens: InternalTokens,
  ) {
    this.http = new ServiceClient({ baseUrl, serviceName: 'chat-service', maxResponseBytes: MAX_RESPONSE_BYTES });
    this.receipts = new ServiceClient({ baseUrl, serviceName: 'chat-service', connections: MAX_RECEIPT_CONNECTIONS });
    this.uploads = new ServiceClient({ baseUrl, serviceName: 'chat-service', connections: MAX_UPLOAD_CONNECTIONS });
  }

  getMessages(query: { [K in keyof MessagesQuery]: MessagesQuery[K] | null }, token: RequestToken): Promise<MessagePage> {
    return this.http.request({ method: 'GET', path: '/chat/messages', query, token });
  }

  searchMessages(request: SearchMessagesRequest, token: RequestToken): Promise<SearchPage> {
    return this.http.request({ method: 'POST', path: '/chat/messages/search', body: request, token });
  }

  getMessage(messageId: string, token: RequestToken): Promise<ChatMessage> {
    return this.http.request({ method: 'GET', path: pathOf('chat', 'messages', messageId), token });
  }

  /** At most 500 ids; messages that the current user may not see are omitted. */
  getMessagesByIds(messageIds: string[], token: RequestToken): Promise<MessageForMembers[]> {
    return this.http.request({ method: 'POST', path: '/chat/messages/bulk', body: { messageIds }, token });
  }

  editMessage(messageId: string, content: string, token: RequestToken): Promise<ChatMessage> {
    return this.http.request({ method: 'PATCH', path: pathOf('chat', 'messages', messageId), body: { content }, token });
  }

  deleteMessage(messageId: string, token: RequestToken): Promise<ChatMessage> {
    return this.http.request({ method: 'DELETE', path: pathOf('chat', 'messages', messageId), token });
  }

  addReaction(messageId: string, emoji: string, token: RequestToken): Promise<ChatMessage> {
    return this.http.request({ method: 'POST', path: pathOf('chat', 'messages', messageId, 'reactions'), body: { emoji }, token });
  }

  removeReaction(messageId: string, emoji: string, token: RequestToken): Promise<ChatMessage> {
    return this.http.request({ method: 'DELETE', path: pathOf('chat', 'messages', messageId, 'reactions'), query: { emoji }, token });
  }

  getReactionUserIds(
    messageId: string,
    query: { emoji: string; page: number; limit: number },
    token: RequestToken,
  ): Promise<Paginated<string>> {
    return this.http.request({ method: 'GET', path: pathOf('chat', 'messages', messageId, 'reactions'), query, token });
  }

  /** At most 500 ids; messages without a reaction of the current user are omitted. */
  getOwnReactions(messageIds: string[], token: RequestToken): Promise<OwnReactions[]> {
    return this.http.request({ method: 'POST', path: '/chat/messages/own-reactions', body: { messageIds }, token });
  }

  markMessageAsRead(messageId: string, token: RequestToken): Promise<ChatMessage> {
    return this.receipts.request({ method: 'PATCH', path: pathOf('chat', 'messages', messageId, 'read'), token });
  }

  getReceipts(messageIds: string[], token: RequestToken): Promise<MessageReceipt[]> {
    return this.http.request({ method: 'POST', path: '/chat/messages/receipts', body: { messageIds }, token });
  }

  getConversations(page: number, limit: number, token: RequestToken): Promise<Paginated<ConversationSummary>> {
    return this.http.request({ method: 'GET', path: '/chat/conversations', query: { page, limit }, token, headers: WITHOUT_MEMBERS });
  }

  getConversation(conversationId: string, token: RequestToken): Promise<ConversationSummary> {
    return this.http.request({ method: 'GET', path: pathOf('chat', 'conversations', conversationId), token, headers: WITHOUT_MEMBERS });
  }

  /** At most 100 ids; conversations of which the current user is not a member are omitted. */
  getMembers(conversationIds: string[], token: RequestToken): Promise<ConversationMembers[]> {
    return this.http.request({ method: 'POST', path: '/chat/conversations/members', body: { conversationIds }, token });
  }

  /** At most 100 ids; conversations of which the current user is not a member are omitted. */
  getConversationsByIds(conversationIds: string[], token: RequestToken): Promise<ChatConversation[]> {
    return this.http.request({ method: 'POST', path: '/chat/conversations/bulk', body: { conversationIds }, token });
  }

  /** For all its members: the gateway makes the request for itself, and shows the conversation to no other user. */
  getConversationForMembers(conversationId: string): Promise<ConversationForMembers> {
    const token = this.internalTokens.issue('chat-service', NO_USER);
    return this.http.request({ method: 'GET', path: pathOf('chat', 'conversations', conversationId, 'for-members'), token });
  }

  markConversationAsRead(conversationId: string, seq: number, token: RequestToken): Promise<ConversationSummary> {
    const path = pathOf('chat', 'conversations', conversationId, 'read');
    return this.receipts.request({ method: 'PATCH', path, body: { seq }, token, headers: WITHOUT_MEMBERS });
  }

  async markConversationAsDelivered(conversationId: string, seq: number, token: RequestToken): Promise<void> {
    await this.receipts.request({
      method: 'PATCH',
      path: pathOf('chat', 'conversations', conversationId, 'delivered'),
      body: { seq },
      token,
    });
  }

  getBlockedUsers(token: RequestToken): Promise<string[]> {
    return this.http.request({ method: 'GET', path: '/chat/blocks', token });
  }

  async blockUser(userId: string, token: RequestToken): Promise<void> {
    await this.http.request({ method: 'PUT', path: pathOf('chat', 'blocks', userId), token });
  }

  async unblockUser(userId: string, token: RequestToken): Promise<void> {
    await this.http.request({ method: 'DELETE', path: pathOf('chat', 'blocks', userId), token });
  }

  muteConversation(conversationId: string, until: string | null, token: RequestToken): Promise<ChatConversation> {
    return this.http.request({ method: 'PUT', path: pathOf('chat', 'conversations', conversationId, 'mute'), body: { until }, token });
  }

  async setTyping(conversationId: string, typing: boolean, token: RequestToken): Promise<void> {
    await this.http.request({ method: 'PUT', path: pathOf('chat', 'conversations', conversationId, 'typing'), body: { typing }, token });
  }

  /** For many users: the gateway makes the request for itself. */
  async markManyDelivered(receipts: DeliveredReceipts): Promise<void> {
    const token = this.internalTokens.issue('chat-service', NO_USER);
    await this.http.request({ method: 'POST', path: '/chat/receipts/delivered', body: receipts, token });
  }

  createGroup(group: CreateGroupRequest, token: RequestToken): Promise<ChatConversation> {
    return this.http.request({ method: 'POST', path: '/chat/groups', body: group, token });
  }

  updateGroup(conversationId: string, changes: UpdateGroupRequest, token: RequestToken): Promise<ChatConversation> {
    return this.http.request({ method: 'PATCH', path: pathOf('chat', 'groups', conversationId), body: changes, token });
  }

  addGroupMembers(conversationId: string, userIds: string[], token: RequestToken): Promise<ChatConversation> {
    return this.http.request({ method: 'POST', path: pathOf('chat', 'groups', conversationId, 'members'), body: { userIds }, token });
  }

  removeGroupMember(conversationId: string, userId: string, token: RequestToken): Promise<ChatConversation> {
    return this.http.request({ method: 'DELETE', path: pathOf('chat', 'groups', conversationId, 'members', userId), token });
  }

  setGroupMemberRole(conversationId: string, userId: string, role: MemberRole, token: RequestToken): Promise<ChatConversation> {
    return this.http.request({ method: 'PATCH', path: pathOf('chat', 'groups', conversationId, 'members', userId), body: { role }, token });
  }

  createUpload(upload: CreateUploadRequest, token: RequestToken): Promise<UploadTicket> {
    return this.http.request({ method: 'POST', path: '/files/uploads', body: upload, token });
  }

  /** Files wait for their turn to be checked. */
  completeUpload(uploadId: string, token: RequestToken): Promise<MediaAsset> {
    const path = pathOf('files', 'uploads', uploadId, 'complete');
    return this.uploads.request({ method: 'POST', path, token, timeoutMs: COMPLETE_TIMEOUT_MS });
  }

  async leaveConversation(conversationId: string, token: RequestToken): Promise<void> {
    await this.http.request({ method: 'POST', path: pathOf('chat', 'conversations', conversationId, 'leave'), token });
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.http.close(), this.receipts.close(), this.uploads.close()]);
  }
}
