import {
  type ChatConversation,
  type ChatMessage,
  type MessagePage,
  type MessageReceipt,
  type MessagesQuery,
  type Paginated,
  SEND_MESSAGE,
  type SendMessageRequest,
} from '@chat/shared/contracts';
import { pathOf, ServiceClient } from '@chat/shared/http';
import { RpcClient, RpcRecord } from '@chat/shared/rpc';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { firstValueFrom } from 'rxjs';
import { GatewayConfig } from '../config.js';
import { withoutNulls } from './without-nulls.js';

/** Sends go over one TCP connection (RpcClient), all other requests over HTTP. */
@Injectable()
export class ChatClient implements OnApplicationShutdown {
  private readonly http: ServiceClient;
  private readonly rpc: RpcClient;

  constructor(config: GatewayConfig) {
    const [host = '', port] = config.chatSendAddress.split(':');
    this.http = new ServiceClient({ baseUrl: config.chatServiceUrl, serviceName: 'chat-service' });
    this.rpc = new RpcClient({ host, port: Number(port), serviceName: 'chat-service' });
  }

  sendMessage(input: { [K in keyof SendMessageRequest]?: SendMessageRequest[K] | null }, token: string): Promise<ChatMessage> {
    return firstValueFrom(this.rpc.send(SEND_MESSAGE, new RpcRecord(withoutNulls(input), { token })));
  }

  getMessages(query: { [K in keyof MessagesQuery]: MessagesQuery[K] | null }, token: string): Promise<MessagePage> {
    return this.http.request({ method: 'GET', path: '/chat/messages', query, token });
  }

  getMessage(messageId: string, token: string): Promise<ChatMessage> {
    return this.http.request({ method: 'GET', path: pathOf('chat', 'messages', messageId), token });
  }

  markMessageAsRead(messageId: string, token: string): Promise<ChatMessage> {
    return this.http.request({ method: 'PATCH', path: pathOf('chat', 'messages', messageId, 'read'), token });
  }

  getReceipts(messageIds: string[], token: string): Promise<MessageReceipt[]> {
    return this.http.request({ method: 'POST', path: '/chat/messages/receipts', body: { messageIds }, token });
  }

  getConversations(page: number, limit: number, token: string): Promise<Paginated<ChatConversation>> {
    return this.http.request({ method: 'GET', path: '/chat/conversations', query: { page, limit }, token });
  }

  getConversation(conversationId: string, token: string): Promise<ChatConversation> {
    return this.http.request({ method: 'GET', path: pathOf('chat', 'conversations', conversationId), token });
  }

  /** At most 100 ids; conversations of which the current user is not a member are omitted. */
  getConversationsByIds(conversationIds: string[], token: string): Promise<ChatConversation[]> {
    return this.http.request({ method: 'POST', path: '/chat/conversations/bulk', body: { conversationIds }, token });
  }

  markConversationAsRead(conversationId: string, seq: number, token: string): Promise<ChatConversation> {
    return this.http.request({ method: 'PATCH', path: pathOf('chat', 'conversations', conversationId, 'read'), body: { seq }, token });
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.http.close(), this.rpc.close()]);
  }
}
