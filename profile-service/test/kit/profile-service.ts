import { migrateUnderLock } from '@chat/shared/database';
import { type RunningService } from '@chat/shared/bootstrap';
import { silentLog } from '@chat/shared/observability';
import { loadConfig } from '@chat/shared/config';
import { appendToOutbox } from '@chat/shared/outbox';
import { KafkaEventsStrategy, type ReceivedEvent } from '@chat/shared/consumer';
import { createTestDatabase, eventually, internalKeysEnv, provisionTestKafka, testInfra, TestTokens } from '@chat/shared/testing';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DataSource } from 'typeorm';
import { ProfileServiceConfig } from '../../src/config.js';
import { createProfileDataSource, SCHEMA } from '../../src/data-source.js';
import { startProfileService } from '../../src/start.js';

export interface Answer {
  status: number;
  body: any;
}

/** profile-service with a database, topics and a fake auth-service of its own. */
export class TestProfileService {
  private readonly published: ReceivedEvent[] = [];

  private constructor(
    readonly service: RunningService,
    readonly auth: TestTokens,
    readonly directory: string,
    private readonly closers: (() => Promise<unknown>)[],
  ) {}

  /** `databaseUrl`: the address of the database for the service, such as that of a proxy. */
  static async start(env: Record<string, string> = {}, databaseUrl = async (url: string) => url): Promise<TestProfileService> {
    const auth = await TestTokens.start();
    const database = await createTestDatabase({
      schema: SCHEMA,
      role: 'profile_service',
      migrate: (config) => migrateUnderLock(createProfileDataSource(config)),
    });
    const directory = await mkdtemp(path.join(tmpdir(), 'chat-profile-files-'));
    const { config: kafka, drop: dropTopics } = await provisionTestKafka();
    const config = loadConfig(ProfileServiceConfig, {
      PORT: '0',
      LOG_LEVEL: 'fatal',
      DATABASE_URL: await databaseUrl(database.config.url!),
      REDIS_URL: testInfra().redisUrl,
      KAFKA_BROKER: kafka.brokers.join(','),
      SCHEMA_REGISTRY_URL: kafka.schemaRegistryUrl,
      KAFKA_TOPIC_PREFIX: kafka.topicPrefix,
      ...internalKeysEnv('profile-service'),
      AUTH_SERVICE_URL: auth.baseUrl,
      FILES_DIR: directory,
      ...env,
    });
    const service = await startProfileService(config);
    const closers = [() => service.stop(), () => auth.close(), () => database.drop(), dropTopics, () => rm(directory, { recursive: true })];
    const running = new TestProfileService(service, auth, directory, closers);
    const consumer = new KafkaEventsStrategy({
      group: 'test',
      topics: ['profile.profile'],
      kafka,
      dataSource: running.dataSource,
      logger: silentLog,
      onBatch: async (batch) => {
        running.published.push(...batch.records);
        await batch.storePositions(running.dataSource);
      },
    });
    consumer.listen(() => {});
    closers.unshift(() => consumer.close());
    return running;
  }

  get dataSource(): DataSource {
    return this.service.app.get(DataSource);
  }

  async stop(): Promise<void> {
    for (const close of this.closers) await close();
  }

  /** Adds an account to the fake auth-service; no event about it is published. */
  addAccount(names: { username?: string; firstName?: string; lastName?: string } = {}): { userId: string; username: string } {
    return this.auth.addAccount({ userId: randomUUID(), ...names });
  }

  /** Creates a user with a profile and these changes to it. */
  async createUser(changes: Record<string, unknown> = {}): Promise<string> {
    const { userId } = this.addAccount();
    const { status } = await this.ask(userId, 'PATCH', '/profiles/me', changes);
    if (status !== 200) throw new Error(`PATCH /profiles/me answered ${status}`);
    return userId;
  }

  async ask(userId: string, method: string, path: string, body?: unknown): Promise<Answer> {
    const token = await this.auth.issue({ userId });
    const response = await fetch(this.service.url + path, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.json() };
  }

  /** Waits for at least this many ProfileUpdated events of the user; returns all of them. */
  publishedFor(userId: string, atLeast: number): Promise<ReceivedEvent<'ProfileUpdated'>[]> {
    return eventually(() => {
      const events = this.published.filter(
        (event) => event.type === 'ProfileUpdated' && event.key === userId,
      ) as ReceivedEvent<'ProfileUpdated'>[];
      if (events.length < atLeast) throw new Error(`${events.length} events so far`);
      return events;
    });
  }

  /** The types of the events of the user on profile.profile so far, in their order. */
  eventsOf(userId: string): string[] {
    return this.published.filter(({ key }) => key === userId).map(({ type }) => type);
  }

  /** The number of ProfileDeleted events of the user. */
  deletionsPublishedFor(userId: string): number {
    return this.published.filter(({ type, key }) => type === 'ProfileDeleted' && key === userId).length;
  }

  /** Waits until the event is consumed. Earlier events with the same key are consumed then, too. */
  async waitUntilConsumed(eventId: string): Promise<void> {
    await eventually(async () => (await this.dataSource.query('select 1 from inbox where event_id = $1', [eventId])).length > 0);
  }

  /** Publishes an event of another service through the outbox of this one. Returns the id of the event. */
  async publishRegistered(
    account: { userId: string; username: string; firstName?: string },
    eventId: string = randomUUID(),
  ): Promise<string> {
    const payload = { firstName: null, lastName: null, registeredAt: new Date().toISOString(), ...account };
    await appendToOutbox(this.dataSource, { type: 'UserRegistered', key: payload.userId, payload, eventId });
    return eventId;
  }

  async publishDeleted(userId: string, eventId: string = randomUUID()): Promise<string> {
    const payload = { userId, deletedAt: new Date().toISOString() };
    await appendToOutbox(this.dataSource, { type: 'UserDeleted', key: userId, payload, eventId });
    return eventId;
  }

  async publishBlocked(userId: string, blockedUserId: string, eventId: string = randomUUID()): Promise<string> {
    const payload = { userId, blockedUserId, blockedAt: new Date().toISOString() };
    await appendToOutbox(this.dataSource, { type: 'UserBlocked', key: userId, payload, eventId });
    return eventId;
  }

  async publishUnblocked(userId: string, unblockedUserId: string, eventId: string = randomUUID()): Promise<string> {
    const payload = { userId, unblockedUserId, unblockedAt: new Date().toISOString() };
    await appendToOutbox(this.dataSource, { type: 'UserUnblocked', key: userId, payload, eventId });
    return eventId;
  }

  async publishMembersChanged(
    conversationId: string,
    { added = [], removed = [] }: { added?: string[]; removed?: string[] },
  ): Promise<string> {
    const eventId = randomUUID();
    const changed = { added: added.map((userId) => ({ userId, role: 'MEMBER' })), removed, changedRoles: [], lastSeq: 0 };
    const payload = { conversationId, ...changed, changedBy: randomUUID(), changedAt: new Date().toISOString() };
    await appendToOutbox(this.dataSource, { type: 'MembersChanged', key: conversationId, payload, eventId });
    return eventId;
  }

  async publishConversation(userIds: string[], conversationId: string = randomUUID(), eventId: string = randomUUID()): Promise<string> {
    const payload = {
      conversationId,
      kind: userIds.length > 2 ? 'GROUP' : 'DIRECT',
      title: null,
      members: userIds.map((userId) => ({ userId, role: 'MEMBER' })),
      createdBy: userIds[0]!,
      createdAt: new Date().toISOString(),
    };
    await appendToOutbox(this.dataSource, { type: 'ConversationCreated', key: conversationId, payload, eventId });
    return eventId;
  }
}
