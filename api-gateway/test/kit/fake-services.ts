import { SEND_MESSAGE, type SessionCheck, type SessionCheckRequest } from '@chat/shared/contracts';
import { AppError } from '@chat/shared/errors';
import { silentLog } from '@chat/shared/observability';
import { type RpcContext, RpcServer } from '@chat/shared/rpc';
import { internalKeysEnv, testRedisConfig, TestTokens } from '@chat/shared/testing';
import { Redis } from 'ioredis';
import type { AddressInfo } from 'node:net';
import { FakeChatService } from './fake-chat-service.js';
import { FakeFeed } from './fake-feed.js';
import { type Call, claimsOf, type FakeHttpServer, type Handler, type Routes, startFakeHttpServer } from './fake-http-server.js';
import { FakeUsers } from './fake-users.js';

/** Two test files run at the same time; each worker has a database of its own, by which its connections are known (`GatewayKit.loseRedis`). */
export const REDIS_DATABASE = 1 + (Number(process.env['VITEST_POOL_ID'] ?? 1) % 8);

export function redisUrl(): string {
  const url = new URL(testRedisConfig().url);
  url.pathname = `/${REDIS_DATABASE}`;
  return url.href;
}

/** The first segment of the paths of a service. */
export type ServicePath = 'auth' | 'chat' | 'profiles' | 'presence' | 'notifications' | 'feed';

const PUBLIC_KEYS = 'GET /.well-known/jwks.json';

/** All services behind the gateway in one HTTP server: they answer in the shapes of shared/contracts, from memory, and record every call. */
export class FakeServices {
  /** Without those for the public keys, which the gateway makes when it needs them. */
  readonly calls: Call[] = [];
  /** These services close every connection. */
  readonly unavailable = new Set<ServicePath>();
  /** The answers of a test, by method and path. They take precedence over the routes of the fake services. */
  readonly handlers = new Map<string, Handler>();
  readonly endedSessions = new Set<string>();
  readonly withdrawnKeyIds = new Set<string>();
  readonly chat: FakeChatService;
  readonly users = new FakeUsers();
  readonly feed: FakeFeed;
  private readonly routes: Routes;
  private http: FakeHttpServer | null = null;
  private readonly rpc = new RpcServer({ host: '127.0.0.1', port: 0, logger: silentLog });

  private constructor(
    readonly tokens: TestTokens,
    readonly redis: Redis,
  ) {
    this.chat = new FakeChatService(redis);
    this.feed = new FakeFeed(redis, this.chat.conversations);
    this.routes = {
      [PUBLIC_KEYS]: () => ({ keys: [tokens.publicJwk] }),
      'GET /auth/me': ({ userId }) => ({ userId, email: 'ada@example.test', username: 'ada', provider: 'local', emailVerified: false }),
      'POST /auth/logout': () => undefined,
      'POST /auth/sessions/check': ({ body }) => this.checkSessions(body),
      ...this.chat.routes,
      ...this.feed.routes,
      ...this.users.routes,
    };
  }

  static async start(): Promise<FakeServices> {
    const services = new FakeServices(await TestTokens.start(), new Redis(redisUrl()));
    await services.listen();
    return services;
  }

  get url(): string {
    return this.http?.url ?? '';
  }

  /** The environment of a gateway in front of these services. */
  env(): Record<string, string> {
    const rpcPort = (this.rpc.unwrap().address() as AddressInfo).port;
    return {
      PORT: '0',
      METRICS_PORT: '0',
      NODE_ENV: 'test',
      LOG_LEVEL: process.env.TEST_LOG_LEVEL ?? 'silent',
      ...internalKeysEnv('api-gateway'),
      AUTH_SERVICE_URL: this.url,
      CHAT_SERVICE_URL: this.url,
      CHAT_SEND_ADDRESS: `127.0.0.1:${rpcPort}`,
      PRESENCE_SERVICE_URL: this.url,
      PROFILE_SERVICE_URL: this.url,
      NOTIFICATION_SERVICE_URL: this.url,
    };
  }

  callsOf(method: string, path: string): Call[] {
    return this.calls.filter((call) => call.method === method && call.path === path);
  }

  async close(): Promise<void> {
    this.http?.close();
    await Promise.all([this.tokens.close(), this.rpc.close()]);
    this.redis.disconnect();
  }

  private checkSessions({ sessionIds, keyIds }: SessionCheckRequest): SessionCheck {
    const active = sessionIds.filter((id) => !this.endedSessions.has(id)).map((sessionId) => ({ sessionId, expiresInSeconds: 86_400 }));
    return { active, withdrawnKeyIds: keyIds.filter((id) => this.withdrawnKeyIds.has(id)) };
  }

  private async listen(): Promise<void> {
    this.http = await startFakeHttpServer(
      (call) => this.answer(call),
      (path) => this.unavailable.has(path.split('/')[1] as ServicePath),
    );
    this.rpc.addHandler(SEND_MESSAGE, async (body: unknown, context: RpcContext) => {
      context.user = claimsOf(context.token); // as a guard does: only then the connection stays open
      if (this.unavailable.has('chat')) throw new AppError('unavailable', 'database/unavailable', 'Try again in a moment.');
      return this.answer({ method: 'RPC', path: '', query: new URLSearchParams(), body, ...claimsOf(context.token) });
    });
    await new Promise<void>((resolve, reject) => this.rpc.listen((error) => (error ? reject(error as Error) : resolve())));
  }

  private async answer(call: Call): Promise<unknown> {
    const route = `${call.method} ${call.path}`;
    if (route !== PUBLIC_KEYS) this.calls.push(call);
    const handler = this.handlers.get(route) ?? this.routes[route.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, ':id')];
    if (!handler) throw new AppError('not-found', 'fake-services/no-route', `no answer for ${route}`);
    return handler(call);
  }
}
