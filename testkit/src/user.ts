import { randomBytes, randomUUID } from 'node:crypto';
import { EVENTS_SUBSCRIPTION, ResumingStream, type StreamItem } from './event-stream.ts';
import { Subscription } from './subscription.ts';
import { GraphqlClient, type Answer } from './graphql-client.ts';

const REGISTER = /* GraphQL */ `
  mutation Register($input: RegisterInput!) {
    register(input: $input) {
      accessToken
      refreshToken
      user {
        userId
        email
        username
      }
    }
  }
`;

export const SEND = /* GraphQL */ `
  mutation Send($input: CreateMessageInput!) {
    sendMessage(input: $input) {
      id
      conversationId
      seq
      senderId
      receiverId
      content
      clientMessageId
      status
      createdAt
    }
  }
`;

/** A message with the fields that `SEND` selects. */
export interface SentMessage {
  id: string;
  conversationId: string;
  seq: number;
  senderId: string;
  receiverId: string | null;
  content: string;
  clientMessageId: string | null;
  status: string;
  createdAt: string;
}

/** Random registration data. */
export function newAccount(name = 'user'): { email: string; username: string; password: string } {
  const unique = `${name}-${randomBytes(5).toString('hex')}`;
  return { email: `${unique}@example.test`, username: unique, password: `correct horse ${unique}` };
}

/** A registered user with an access token. */
export class TestUser {
  readonly client: GraphqlClient;
  readonly wsUrl: string;
  readonly userId: string;
  readonly username: string;
  readonly email: string;
  readonly password: string;
  accessToken: string;
  refreshToken: string;

  private constructor(client: GraphqlClient, account: { email: string; username: string; password: string }, answer: any) {
    this.client = client;
    this.wsUrl = client.url.replace(/^http/, 'ws');
    this.userId = answer.user.userId;
    this.username = account.username;
    this.email = account.email;
    this.password = account.password;
    this.accessToken = answer.accessToken;
    this.refreshToken = answer.refreshToken;
  }

  static async register(client: GraphqlClient, name?: string, extra: Record<string, unknown> = {}): Promise<TestUser> {
    const account = newAccount(name);
    const { register } = await client.mustAsk(REGISTER, { input: { ...account, ...extra } });
    return new TestUser(client, account, register);
  }

  /** Sends one operation as this user; returns errors. */
  ask<T = Record<string, any>>(query: string, variables: Record<string, unknown> = {}): Promise<Answer<T>> {
    return this.client.ask<T>(query, variables, this.accessToken);
  }

  /** Sends one operation as this user; throws on errors. */
  mustAsk<T = Record<string, any>>(query: string, variables: Record<string, unknown> = {}): Promise<T> {
    return this.client.mustAsk<T>(query, variables, this.accessToken);
  }

  /** Sends a text to a user. */
  async sendTo(receiverId: string, content: string, clientMessageId: string = randomUUID()): Promise<SentMessage> {
    return (await this.mustAsk<{ sendMessage: SentMessage }>(SEND, { input: { receiverId, content, clientMessageId } })).sendMessage;
  }

  /** Sends a text into a conversation. */
  async sendIn(conversationId: string, content: string, clientMessageId: string = randomUUID()): Promise<SentMessage> {
    return (await this.mustAsk<{ sendMessage: SentMessage }>(SEND, { input: { conversationId, content, clientMessageId } })).sendMessage;
  }

  /** Opens a subscription on a socket of its own. */
  subscribe<T = Record<string, any>>(query: string, variables: Record<string, unknown> = {}): Subscription<T> {
    return new Subscription<T>({ wsUrl: this.wsUrl, token: this.accessToken, query, variables });
  }

  /** Opens `events` and waits until the stream is open. */
  async events(after?: string): Promise<Subscription<StreamItem>> {
    const stream = this.subscribe<StreamItem>(EVENTS_SUBSCRIPTION, after === undefined ? {} : { after });
    await stream.waitFor((item) => item.__typename === 'StreamOpened', 'StreamOpened');
    return stream;
  }

  /** Opens an `events` stream that reconnects by itself. */
  resumingEvents(onItem?: (item: StreamItem) => void): ResumingStream {
    return new ResumingStream({ wsUrl: this.wsUrl, token: () => this.accessToken, ...(onItem ? { onItem } : {}) });
  }
}
