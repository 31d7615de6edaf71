import {
  type ChatConversation,
  type ChatMessage,
  encodeLiveFeedEvent,
  type FeedEvent,
  type FeedPage,
  type FeedPosition,
  type Presence,
  type Profile,
  SEND_MESSAGE,
} from '@chat/shared/contracts';
import { AppError, toProblem } from '@chat/shared/errors';
import { channels } from '@chat/shared/realtime';
import { type RpcContext, RpcServer } from '@chat/shared/rpc';
import { silentLog } from '@chat/shared/observability';
import { testRedisConfig, TestTokens } from '@chat/shared/testing';
import { Redis } from 'ioredis';
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Call {
  method: string;
  path: string;
  query: URLSearchParams;
  body: any;
  /** None on the send port. */
  headers?: IncomingHttpHeaders;
  /** From the token, which is not verified here. */
  userId: string | null;
  tokenType: string | null;
}

type Handler = (call: Call) => unknown;
export type Part = 'auth' | 'chat' | 'profiles' | 'presence' | 'notifications' | 'feed';

const PARTITIONS = 4;
const now = () => new Date().toISOString();

/** What the gateway finds behind itself: answers in the shapes of shared/contracts, from memory, and writes down every call. */
export class FakeServices {
  readonly calls: Call[] = [];
  /** Parts that do not answer at present. */
  readonly unavailable = new Set<Part>();
  /** Tests put their own answers here: `GET /chat/messages`. */
  readonly handlers = new Map<string, Handler>();
  readonly profiles = new Map<string, Profile>();
  readonly presences = new Map<string, Presence>();
  /** Whom each conversation has. */
  readonly conversations = new Map<string, ChatConversation>();
  readonly readMessages = new Set<string>();
  readonly feed: FeedEvent[] = [];
  private readonly offsets: number[] = Array.from({ length: PARTITIONS }, () => -1);
  epoch = 1;

  private constructor(
    readonly tokens: TestTokens,
    readonly redis: Redis,
    private readonly server: Server,
    readonly url: string,
    private readonly sendPort: RpcServer,
    readonly sendAddress: string,
  ) {}

  static async start(): Promise<FakeServices> {
    const tokens = await TestTokens.start();
    const redis = new Redis(testRedisConfig().url);
    const holder: { self?: FakeServices } = {};
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { pathname, searchParams } = new URL(request.url ?? '/', 'http://inner');
        const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? null;
        const text = Buffer.concat(chunks).toString();
        const call = {
          method: request.method ?? '',
          path: pathname,
          query: searchParams,
          body: text === '' ? undefined : JSON.parse(text),
          headers: request.headers,
          ...whoseToken(token),
        };
        const self = holder.self as FakeServices;
        if (self.unavailable.has(pathname.split('/')[1] as Part)) return void request.socket.destroy();
        self
          .answer(call)
          .then((body) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body ?? null)))
          .catch((error: unknown) => {
            const problem = toProblem(error, 'test');
            response.writeHead(problem.status, { 'content-type': 'application/problem+json' }).end(JSON.stringify(problem));
          });
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const sendPort = new RpcServer({ host: '127.0.0.1', port: 0, logger: silentLog });
    sendPort.addHandler(SEND_MESSAGE, async (body: unknown, context: RpcContext) => {
      const self = holder.self as FakeServices;
      if (self.unavailable.has('chat')) throw new AppError('unavailable', 'database/unavailable', 'Try again in a moment.');
      return self.answer({ method: 'SEND', path: '', query: new URLSearchParams(), body, ...whoseToken(context.token) });
    });
    await new Promise<void>((resolve, reject) => sendPort.listen((error) => (error ? reject(error as Error) : resolve())));
    const sendPortNumber = (sendPort.unwrap().address() as AddressInfo).port;
    const { port } = server.address() as AddressInfo;
    holder.self = new FakeServices(tokens, redis, server, `http://127.0.0.1:${port}`, sendPort, `127.0.0.1:${sendPortNumber}`);
    return holder.self;
  }

  /** The environment of a gateway in front of these. */
  env(): Record<string, string> {
    return {
      PORT: '0',
      METRICS_PORT: '0',
      NODE_ENV: 'test',
      LOG_LEVEL: process.env.TEST_LOG_LEVEL ?? 'silent',
      INTERNAL_API_SECRET: 'a-secret-of-the-tests-of-the-gateway-only',
      REDIS_URL: testRedisConfig().url,
      AUTH_SERVICE_URL: this.url,
      CHAT_SERVICE_URL: this.url,
      CHAT_SEND_ADDRESS: this.sendAddress,
      PRESENCE_SERVICE_URL: this.url,
      PROFILE_SERVICE_URL: this.url,
      NOTIFICATION_SERVICE_URL: this.url,
    };
  }

  callsOf(method: string, path: string): Call[] {
    return this.calls.filter((call) => call.method === method && call.path === path);
  }

  async close(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await Promise.all([this.tokens.close(), this.sendPort.close()]);
    this.redis.disconnect();
  }

  addProfile(userId: string, fields: Partial<Profile> = {}): Profile {
    const empty = { firstName: null, lastName: null, bio: null, location: null, website: null, phoneNumber: null, birthDate: null };
    const profile = {
      id: randomUUID(),
      userId,
      username: `user-${userId.slice(0, 8)}`,
      ...empty,
      isPublic: true,
      createdAt: now(),
      updatedAt: now(),
      ...fields,
    };
    this.profiles.set(userId, profile);
    return profile;
  }

  addConversation(memberIds: string[]): ChatConversation {
    const createdAt = now();
    const conversation: ChatConversation = {
      id: randomUUID(),
      kind: 'DIRECT',
      title: null,
      members: memberIds.map((userId) => ({ userId, role: 'MEMBER', lastReadSeq: 0, lastDeliveredSeq: 0, joinedAt: createdAt })),
      lastMessage: null,
      lastMessageAt: null,
      lastSeq: 0,
      unreadCount: 0,
      createdAt,
    };
    this.conversations.set(conversation.id, conversation);
    return conversation;
  }

  /** Writes a message into the feed; `publish` brings it to those who listen. */
  recordMessage(conversation: ChatConversation, senderId: string, content: string): FeedEvent {
    conversation.lastSeq += 1;
    const message = { messageId: randomUUID(), conversationId: conversation.id, seq: conversation.lastSeq, senderId };
    const receiverId = conversation.members.find((member) => member.userId !== senderId)?.userId ?? null;
    const payload = { ...message, receiverId, content, clientMessageId: null, createdAt: now() };
    return this.record('MessageCreated', conversation, payload);
  }

  recordConversation(conversation: ChatConversation): FeedEvent {
    const { id: conversationId, kind, title, members, createdAt } = conversation;
    const createdBy = members[0]?.userId ?? '';
    return this.record('ConversationCreated', conversation, { conversationId, kind, title, members, createdBy, createdAt });
  }

  recordReceipts(conversation: ChatConversation, userId: string, seq: number): FeedEvent {
    const payload = { conversationId: conversation.id, userId, lastReadSeq: seq, lastDeliveredSeq: seq, advancedAt: now() };
    return this.record('ReceiptsAdvanced', conversation, payload);
  }

  private record(type: FeedEvent['type'], conversation: ChatConversation, payload: object): FeedEvent {
    const partition = conversation.id.charCodeAt(0) % PARTITIONS;
    const offset = (this.offsets[partition] = (this.offsets[partition] as number) + 1);
    const event = {
      epoch: this.epoch,
      partition,
      offset,
      type,
      eventId: randomUUID(),
      conversationId: conversation.id,
      payload,
    } as FeedEvent;
    this.feed.push(event);
    return event;
  }

  /** As after the loss of everything behind: places are given again. */
  resetFeed(): void {
    this.feed.length = 0;
    this.offsets.fill(-1);
  }

  async publish(...events: FeedEvent[]): Promise<void> {
    const pipeline = this.redis.pipeline();
    for (const event of events)
      for (const { userId } of this.conversations.get(event.conversationId)?.members ?? [])
        pipeline.publish(channels.user(userId), encodeLiveFeedEvent(event));
    await pipeline.exec();
  }

  private async answer(call: Call): Promise<unknown> {
    this.calls.push(call);
    const own = this.handlers.get(`${call.method} ${call.path}`);
    if (own) return own(call);
    const userId = call.userId ?? '';
    switch (`${call.method} ${call.path.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, ':id')}`) {
      case 'GET /.well-known/jwks.json':
        return { keys: [this.tokens.publicJwk] };
      case 'GET /auth/me':
        return { userId, email: 'ada@example.test', username: 'ada', provider: 'local', emailVerified: false };
      case 'POST /auth/logout':
        return undefined;
      case 'SEND ':
        return this.sent(call.body, userId);
      case 'GET /chat/conversations/:id':
        return this.conversationFor(call.path.split('/')[3] ?? '', userId);
      case 'GET /chat/conversations':
        return { data: [...this.conversations.values()].filter((c) => isIn(c, userId)), total: 1, page: 1, limit: 20, totalPages: 1 };
      case 'POST /chat/conversations/bulk':
        return call.body.conversationIds
          .flatMap((id: string) => this.conversations.get(id) ?? [])
          .filter((c: ChatConversation) => isIn(c, userId));
      case 'POST /chat/messages/receipts':
        return call.body.messageIds.map((messageId: string) => ({
          messageId,
          status: this.readMessages.has(messageId) ? 'READ' : 'SENT',
          readAt: this.readMessages.has(messageId) ? now() : null,
        }));
      case 'POST /profiles/bulk':
        return call.body.userIds.map((id: string) => this.profiles.get(id) ?? null);
      case 'GET /profiles/me':
        return this.profiles.get(userId) ?? this.addProfile(userId);
      case 'POST /presence/bulk':
        return call.body.userIds.map((id: string) => this.presences.get(id) ?? { userId: id, status: 'OFFLINE', lastSeenAt: null });
      case 'GET /notifications/unread-count':
        return { count: 3 };
      case 'POST /feed/end-position':
        return this.head();
      case 'POST /feed/replay':
        return this.replay(call.body.after, call.body.limit, userId);
      default:
        throw new AppError('not-found', 'fake-services/no-route', `no answer for ${call.method} ${call.path}`);
    }
  }

  private head(): FeedPosition {
    return { epoch: this.epoch, offsets: [...this.offsets] };
  }

  private replay(after: FeedPosition, limit: number, userId: string): FeedPage {
    if (after.epoch !== this.epoch) return { recovered: false, events: [], position: this.head(), done: true };
    const newer = this.feed.filter((event) => event.offset > (after.offsets[event.partition] ?? -1));
    const page = newer.slice(0, limit);
    const offsets = [...after.offsets];
    for (const { partition, offset } of page) offsets[partition] = offset;
    const events = page.filter((event) => isIn(this.conversations.get(event.conversationId), userId));
    return { recovered: true, events, position: { epoch: this.epoch, offsets }, done: page.length === newer.length };
  }

  private sent(body: any, senderId: string): ChatMessage {
    return {
      id: randomUUID(),
      conversationId: body.conversationId ?? randomUUID(),
      seq: 1,
      senderId,
      receiverId: body.receiverId ?? null,
      content: body.content,
      clientMessageId: body.clientMessageId ?? null,
      status: 'SENT',
      createdAt: now(),
      deletedAt: null,
      readAt: null,
    };
  }

  private conversationFor(id: string, userId: string): ChatConversation {
    const conversation = this.conversations.get(id);
    if (!conversation || !isIn(conversation, userId))
      throw new AppError('not-found', 'conversation/not-found', 'There is no such conversation.');
    return conversation;
  }
}

function isIn(conversation: ChatConversation | undefined, userId: string): boolean {
  return conversation?.members.some((member) => member.userId === userId) ?? false;
}

function whoseToken(token: string | null): { userId: string | null; tokenType: string | null } {
  if (token === null) return { userId: null, tokenType: null };
  const [header = '', payload = ''] = token.split('.').map((part) => Buffer.from(part, 'base64url').toString());
  return { userId: JSON.parse(payload).sub, tokenType: JSON.parse(header).typ };
}
