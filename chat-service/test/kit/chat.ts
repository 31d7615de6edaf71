import type { RunningService } from '@chat/shared/bootstrap';
import { type DatabaseConfig, InternalIssuerConfig, InternalReceiverConfig, KafkaConfig, loadConfig } from '@chat/shared/config';
import { type ChatMessage, SEND_MESSAGE } from '@chat/shared/contracts';
import type { TopicName } from '@chat/shared/events';
import { migrateUnderLock, newId } from '@chat/shared/database';
import { OutboxRelay } from '@chat/shared/outbox';
import { RpcClient, RpcRecord, type RpcRecordOptions } from '@chat/shared/rpc';
import {
  createTestDatabase,
  eventually,
  internalKeysEnv,
  testInfra,
  testRedisConfig,
  type TestDatabase,
  TestTokens,
} from '@chat/shared/testing';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Pool } from 'pg';
import { firstValueFrom } from 'rxjs';
import { UploadsConfig } from '@chat/shared/uploads';
import { startChatService } from '../../src/start.js';
import { ChatConfig } from '../../src/config.js';
import { createChatDataSource } from '../../src/data-source.js';
import { TestUser } from './test-user.js';

/** The service, started as in production, with a database of its own. */
export class Chat {
  readonly sql: Pool;

  private constructor(
    readonly service: RunningService,
    readonly database: TestDatabase,
    readonly tokens: TestTokens,
    /** Where the files are. */
    readonly directory: string,
  ) {
    this.sql = new Pool({ connectionString: database.adminUrl, max: 4, options: '-c search_path=chat' });
    this.sql.on('error', () => {});
  }

  /** Without `kafka` there is no broker: events stay in the outbox, where the test reads them. */
  static async start(
    options: {
      kafka?: KafkaConfig;
      throughProxy?: (database: DatabaseConfig) => DatabaseConfig;
      authServiceUrl?: (url: string) => Promise<string>;
      /** Changes the database before the service starts. */
      prepare?: (database: TestDatabase) => Promise<void>;
      /** The relay of the service does not become active, because another one is. */
      hasOtherRelay?: boolean;
      /** The variables of uploads. */
      uploads?: Record<string, string>;
      /** By default so short that no test waits for it. */
      receiptIntervalMs?: number;
    } = {},
  ): Promise<Chat> {
    const database = await createTestDatabase({ schema: 'chat', role: 'chat_service', migrate });
    await options.prepare?.(database);
    const tokens = await TestTokens.start();
    const directory = await mkdtemp(path.join(tmpdir(), 'chat-files-'));
    const config = Object.assign(new ChatConfig(), {
      nodeEnv: 'test',
      logLevel: 'fatal',
      host: '127.0.0.1',
      port: 0,
      metrics: { host: '127.0.0.1', port: 0 },
      sendPort: 0,
      sendMaxConnections: 256,
      receiptIntervalMs: options.receiptIntervalMs ?? 10,
      internalIssuer: loadConfig(InternalIssuerConfig, internalKeysEnv('chat-service')),
      internalReceiver: loadConfig(InternalReceiverConfig, internalKeysEnv('chat-service')),
      authServiceUrl: (await options.authServiceUrl?.(tokens.baseUrl)) ?? tokens.baseUrl,
      jwtIssuer: tokens.issuer,
      jwtAudience: tokens.audience,
      database: options.throughProxy?.(database.config) ?? database.config,
      redis: testRedisConfig(),
      kafka: options.kafka ?? noKafka(),
      uploads: loadConfig(UploadsConfig, { FILES_DIR: directory, ...options.uploads }),
    });
    const service = await startChatService(config);
    // Until then, the service leaves chat.membership to MembershipBackfill.
    if (!options.hasOtherRelay) await eventually(() => service.app.get(OutboxRelay).isActive);
    return new Chat(service, database, tokens, directory);
  }

  get sendPort(): number {
    const servers = this.service.app.getMicroservices().map((microservice) => microservice.unwrap<unknown>());
    const server = servers.find((one) => one instanceof Server) as Server;
    return (server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    await this.service.stop();
    await this.sql.end();
    await this.tokens.close();
    await this.database.drop();
    await rm(this.directory, { recursive: true });
  }

  /** A registered user: known to auth-service, not yet to chat-service. */
  async user(userId = newId()): Promise<TestUser> {
    this.tokens.addAccount({ userId });
    return new TestUser(this.service.url, userId, await this.tokens.issue({ userId }));
  }

  async users(count: number): Promise<TestUser[]> {
    return Promise.all(Array.from({ length: count }, () => this.user()));
  }

  rpcClient(): RpcClient {
    return new RpcClient({ host: '127.0.0.1', port: this.sendPort, serviceName: 'chat-service' });
  }

  async rows<Row extends object>(sql: string, values: unknown[] = []): Promise<Row[]> {
    return (await this.sql.query<Row>(sql, values)).rows;
  }

  /** The events of a conversation in the outbox, in order. */
  async outbox<Payload = Record<string, unknown>>(
    conversationId: string,
    topic: TopicName = 'chat.conversation',
  ): Promise<{ type: string; payload: Payload }[]> {
    const rows = await this.rows<{ type: string; payload: string }>(
      'select type, payload from outbox where key = $1 and topic = $2 order by id',
      [conversationId, topic],
    );
    return rows.map(({ type, payload }) => ({ type, payload: JSON.parse(payload) as Payload }));
  }

  /** A group without an owner, written to the database. */
  async group(users: TestUser[]): Promise<string> {
    const id = newId();
    await this.sql.query(
      `insert into conversations (id, kind, title, has_membership_record, created_by, created_at) values ($1, 'GROUP', 'Group', true, $2, now())`,
      [id, users[0]!.userId],
    );
    await this.sql.query(`insert into members (conversation_id, user_id, role, joined_at) select $1, unnest($2::uuid[]), 'MEMBER', now()`, [
      id,
      users.map((user) => user.userId),
    ]);
    return id;
  }
}

/** Sends a message as the gateway does. */
export function sendByRpc(client: RpcClient, request: unknown, options: RpcRecordOptions): Promise<ChatMessage> {
  return firstValueFrom(client.send<ChatMessage>(SEND_MESSAGE, new RpcRecord(request, options)));
}

async function migrate(config: DatabaseConfig): Promise<void> {
  const dataSource = createChatDataSource(config);
  await migrateUnderLock(dataSource);
  if (dataSource.isInitialized) await dataSource.destroy();
}

function noKafka(): KafkaConfig {
  return Object.assign(new KafkaConfig(), {
    brokers: ['127.0.0.1:9'],
    schemaRegistryUrl: testInfra().schemaRegistryUrl,
    topicPrefix: 'none.',
  });
}

export { eventually };
