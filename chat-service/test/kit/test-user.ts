import type { ChatConversation, ChatMessage, MessageVersion, Paginated, SendMessageRequest } from '@chat/shared/contracts';

export interface Answer<Body> {
  status: number;
  body: Body;
}

/** A signed-in user, over REST. */
export class TestUser {
  constructor(
    private readonly url: string,
    readonly userId: string,
    readonly token: string,
  ) {}

  async request<Body = Record<string, unknown>>(method: string, path: string, body?: unknown): Promise<Answer<Body>> {
    const response = await fetch(this.url + path, {
      method,
      headers: { authorization: `Bearer ${this.token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      body: body === undefined ? null : JSON.stringify(body),
    });
    return { status: response.status, body: (response.status === 204 ? null : await response.json()) as Body };
  }

  /** Sends a message that must be accepted. */
  async send(request: SendMessageRequest): Promise<ChatMessage> {
    return this.must<ChatMessage>('POST', '/chat/messages', request);
  }

  async message(messageId: string): Promise<ChatMessage> {
    return this.must<ChatMessage>('GET', `/chat/messages/${messageId}`);
  }

  async edit(messageId: string, content: string): Promise<ChatMessage> {
    return this.must<ChatMessage>('PATCH', `/chat/messages/${messageId}`, { content });
  }

  async deleteMessage(messageId: string): Promise<ChatMessage> {
    return this.must<ChatMessage>('DELETE', `/chat/messages/${messageId}`);
  }

  async react(messageId: string, emoji: string): Promise<ChatMessage> {
    return this.must<ChatMessage>('POST', `/chat/messages/${messageId}/reactions`, { emoji });
  }

  async removeReaction(messageId: string, emoji: string): Promise<ChatMessage> {
    return this.must<ChatMessage>('DELETE', `/chat/messages/${messageId}/reactions?emoji=${encodeURIComponent(emoji)}`);
  }

  async versions(messageId: string): Promise<MessageVersion[]> {
    return (await this.must<Paginated<MessageVersion>>('GET', `/chat/messages/${messageId}/versions`)).data;
  }

  async conversation(conversationId: string): Promise<ChatConversation> {
    return this.must<ChatConversation>('GET', `/chat/conversations/${conversationId}`);
  }

  async markRead(conversationId: string, seq: number): Promise<ChatConversation> {
    return this.must<ChatConversation>('PATCH', `/chat/conversations/${conversationId}/read`, { seq });
  }

  async markDelivered(conversationId: string, seq: number): Promise<void> {
    await this.must('PATCH', `/chat/conversations/${conversationId}/delivered`, { seq });
  }

  async must<Body>(method: string, path: string, body?: unknown): Promise<Body> {
    const answer = await this.request<Body>(method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }
}
