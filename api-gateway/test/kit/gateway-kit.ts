import { loadConfig, RedisConfig } from '@chat/shared/config';
import type { ChatConversation, FeedEvent } from '@chat/shared/contracts';
import type { RunningService } from '@chat/shared/bootstrap';
import { randomUUID } from 'node:crypto';
import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { eventually } from '@chat/shared/testing';
import { GatewayConfig } from '../../src/config.js';
import { startGateway } from '../../src/start.js';
import { FakeServices, REDIS_DATABASE, redisUrl } from './fake-services.js';
import { EVENT_FIELDS, Subscription } from './subscription.js';

export interface Answer {
  status: number;
  data: any;
  errors: { message: string; path?: unknown[]; extensions: Record<string, any> }[];
  text: string;
}

export interface UserWithToken {
  userId: string;
  sessionId: string;
  token: string;
}

/** The texts `from` to `to`, which the tests use as contents of messages. */
export function numbers(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, n) => `${from + n}`);
}

/** A gateway in front of fake services, and clients of it. */
export class GatewayKit {
  private readonly clients = new Set<Client>();

  private constructor(
    readonly services: FakeServices,
    readonly gateway: RunningService,
  ) {}

  static async start(env: Record<string, string> = {}): Promise<GatewayKit> {
    const services = await FakeServices.start();
    const config = loadConfig(GatewayConfig, { ...services.env(), ...env });
    // Beside the environment: the password of the test infrastructure is a sample, which production refuses.
    config.redis = RedisConfig.fromUrl(redisUrl());
    return new GatewayKit(services, await startGateway(config));
  }

  get url(): string {
    return `${this.gateway.url}/graphql`;
  }

  async stop(): Promise<void> {
    for (const client of this.clients) await client.dispose();
    await this.gateway.stop();
    await this.services.close();
  }

  async createUser(): Promise<UserWithToken> {
    const userId = randomUUID();
    const sessionId = randomUUID();
    this.services.users.addProfile(userId);
    return { userId, sessionId, token: await this.services.tokens.issue({ userId, sessionId }) };
  }

  /** A conversation of two new users. `say` records a message of the second one in the feed. */
  async createConversation(): Promise<{
    ada: UserWithToken;
    ben: UserWithToken;
    talk: ChatConversation;
    say: (content: string) => FeedEvent;
  }> {
    const [ada, ben] = [await this.createUser(), await this.createUser()];
    const talk = this.services.chat.addConversation([ada.userId, ben.userId]);
    return { ada, ben, talk, say: (content) => this.services.feed.recordMessage(talk, ben.userId, content) };
  }

  /**
   * Ends the connections of gateways of this worker with this name, by default those on which they subscribe to channels; they reconnect. Others
   * stay open.
   */
  async loseRedis(name = 'gateway-live'): Promise<void> {
    const clients = (await this.services.redis.client('LIST')) as string;
    for (const [, id] of clients.matchAll(new RegExp(`^id=(\\d+) .* name=${name} .* db=${REDIS_DATABASE} `, 'gm')))
      await this.services.redis.call('CLIENT', 'KILL', 'ID', id!);
  }

  async ask(query: string, variables: object = {}, token?: string, headers: Record<string, string> = {}): Promise<Answer> {
    const response = await fetch(this.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}), ...headers },
      body: JSON.stringify({ query, variables }),
    });
    const text = await response.text();
    const { data = null, errors = [] } = JSON.parse(text);
    return { status: response.status, data, errors, text };
  }

  client(token: string | null): Client {
    const client = createClient({
      url: this.url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      connectionParams: token === null ? {} : { authorization: `Bearer ${token}` },
    });
    this.clients.add(client);
    return client;
  }

  /** Opens a socket with this token and returns the code with which it is closed. */
  closeCodeOf(token: string): Promise<number> {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(this.url.replace('http', 'ws'), 'graphql-transport-ws');
      socket.on('error', reject);
      socket.on('close', resolve);
      socket.on('message', (data) => reject(new Error(String(data))));
      socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } })));
    });
  }

  subscribe(token: string | null, query: string, variables: Record<string, unknown> = {}): Subscription {
    return new Subscription(this.client(token), query, variables);
  }

  /** An open `events` stream. */
  async events(token: string, after?: string, selection = EVENT_FIELDS): Promise<Subscription> {
    const query = `subscription ($after: String) { events(after: $after) { ${selection} } }`;
    const stream = this.subscribe(token, query, after === undefined ? {} : { after });
    await eventually(() => {
      if (stream.ended !== null) throw new Error(`ended: ${stream.ended}`);
      if (stream.items.length === 0) throw new Error('not open yet');
    });
    return stream;
  }
}
