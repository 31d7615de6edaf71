import { type RunningService } from '@chat/shared/bootstrap';
import { silentLog } from '@chat/shared/observability';
import { type KafkaConfig, loadConfig, RedisConfig } from '@chat/shared/config';
import type { Presence, PresenceStatus } from '@chat/shared/contracts';
import { migrateUnderLock } from '@chat/shared/database';
import { createRedis, PRESENCE_DUE_KEY, releaseLease, renewLeases, waitForRedis } from '@chat/shared/realtime';
import { createTestDatabase, internalKeysEnv, provisionTestKafka, type TestDatabase, testInfra, TestTokens } from '@chat/shared/testing';
import type { Redis } from 'ioredis';
import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { PresenceServiceConfig } from '../../src/config.js';
import { createPresenceDataSource, SCHEMA } from '../../src/data-source.js';
import { startPresenceService } from '../../src/start.js';
import { OtherServices } from './other-services.js';
import { PublishedChanges } from './published-changes.js';

export const GRACE_MS = 700;
export const HEARTBEAT_MS = 800;

export interface Answer<T = any> {
  status: number;
  body: T;
}

/** One or more instances of presence-service with their own database, topics, Redis database and auth-service. */
export class RunningPresence {
  readonly instances: RunningService[] = [];

  private constructor(
    readonly redis: Redis,
    private readonly redisUrl: string,
    readonly changes: PublishedChanges,
    readonly auth: TestTokens,
    private readonly database: TestDatabase,
    readonly dataSource: DataSource,
    private readonly kafka: KafkaConfig,
    /** Publishes the events of other services. */
    readonly others: OtherServices,
    private readonly closers: (() => unknown)[],
  ) {}

  /** Each test file uses another database of Redis, because all instances share one check queue. */
  static async start(redisDatabase: number, instances = 1): Promise<RunningPresence> {
    const redisUrl = `${testInfra().redisUrl}/${redisDatabase}`;
    const redis = createRedis(RedisConfig.fromUrl(redisUrl), 'test', silentLog);
    await waitForRedis(redis);
    const changes = await PublishedChanges.subscribe(redisUrl);
    await redis.del(PRESENCE_DUE_KEY);
    const auth = await TestTokens.start();
    const database = await createTestDatabase({
      schema: SCHEMA,
      role: 'presence_service',
      migrate: (config) => migrateUnderLock(createPresenceDataSource(config)),
    });
    const { config: kafka, drop: dropTopics } = await provisionTestKafka();
    const dataSource = await createPresenceDataSource(database.config).initialize();
    const others = await OtherServices.start(dataSource, database.config, kafka);
    const closers = [
      () => others.stop(),
      () => dataSource.destroy(),
      () => database.drop(),
      dropTopics,
      () => auth.close(),
      () => redis.disconnect(),
      () => changes.close(),
    ];
    const running = new RunningPresence(redis, redisUrl, changes, auth, database, dataSource, kafka, others, closers);
    for (let i = 0; i < instances; i++) await running.startInstance();
    return running;
  }

  async startInstance(env: NodeJS.ProcessEnv = {}): Promise<RunningService> {
    const config = loadConfig(PresenceServiceConfig, {
      PORT: '0',
      LOG_LEVEL: 'fatal',
      DATABASE_URL: this.database.config.url!,
      REDIS_URL: this.redisUrl,
      KAFKA_BROKER: this.kafka.brokers.join(','),
      SCHEMA_REGISTRY_URL: this.kafka.schemaRegistryUrl,
      KAFKA_TOPIC_PREFIX: this.kafka.topicPrefix,
      ...internalKeysEnv('presence-service'),
      AUTH_SERVICE_URL: this.auth.baseUrl,
      PRESENCE_GRACE_MS: String(GRACE_MS),
      PRESENCE_HEARTBEAT_MS: String(HEARTBEAT_MS),
      PRESENCE_PACE_MS: '20',
      ...env,
    });
    const instance = await startPresenceService(config);
    this.instances.push(instance);
    return instance;
  }

  async stopInstance(instance: RunningService): Promise<void> {
    this.instances.splice(this.instances.indexOf(instance), 1);
    await instance.stop();
  }

  async stop(): Promise<void> {
    for (const instance of this.instances) await instance.stop();
    for (const close of this.closers) await close();
  }

  async request<T = any>(userId: string, method: string, path: string, body?: unknown, instance = this.instances[0]!): Promise<Answer<T>> {
    const token = await this.auth.issue({ userId });
    const response = await fetch(`${instance.url}/presence${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as T };
  }

  async chooseStatus(userId: string, status: PresenceStatus): Promise<Presence> {
    const answer = await this.request<Presence>(userId, 'POST', '/update', { status });
    if (answer.status !== 200) throw new Error(JSON.stringify(answer));
    return answer.body;
  }

  async presenceOf(userId: string, by: string = randomUUID()): Promise<Presence> {
    return (await this.request<Presence>(by, 'GET', `/user/${userId}`)).body;
  }

  /** Renews the lease as a gateway does for an open socket. */
  openSocket(userId: string, connectionId: string = randomUUID(), leaseMs = 30_000): Promise<void> {
    return renewLeases(this.redis, [{ userId, connectionId }], leaseMs);
  }

  closeSocket(userId: string, connectionId: string): Promise<void> {
    return releaseLease(this.redis, userId, connectionId);
  }

  /** The number of rows of a user. */
  async rowsOf(userId: string): Promise<number> {
    const [row] = await this.dataSource.query<{ count: string }[]>(
      `select (select count(*) from users where user_id = $1) + (select count(*) from conversation_members where user_id = $1)
         + (select count(*) from blocks where user_id = $1 or blocked_user_id = $1) as count`,
      [userId],
    );
    return Number(row!.count);
  }
}
