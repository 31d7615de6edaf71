import assert from 'node:assert/strict';
import { type RunningService } from '@chat/shared/bootstrap';
import { loadConfig } from '@chat/shared/config';
import type { FeedPage, FeedPosition, NotificationPage } from '@chat/shared/contracts';
import { newId } from '@chat/shared/database';
import type { EventPayloads, EventToPublish, EventType } from '@chat/shared/events';
import { silentLog } from '@chat/shared/observability';
import { appendToOutbox, createOutboxTable, OutboxRelay } from '@chat/shared/outbox';
import {
  eventually,
  internalKeysEnv,
  internalTokensOf,
  provisionTestKafka,
  testInfra,
  TestTokens,
  type TestKafka,
} from '@chat/shared/testing';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll } from 'vitest';
import { NotificationConfig } from '../../src/config.js';
import { SCHEMA } from '../../src/data-source.js';
import { startNotificationService } from '../../src/start.js';
import { createFeedDatabase, type FeedDatabase } from './feed-database.js';

/** The whole service with real PostgreSQL, Kafka, registry and Redis. Events are published as by chat-service: by outbox and relay. */
export class TestService {
  kafka: TestKafka;
  tokens: TestTokens;
  service: RunningService;
  /** Written, not yet published. */
  pending: EventToPublish[] = [];
  #database: FeedDatabase;
  #relay: OutboxRelay | undefined;
  #config: NotificationConfig;

  async start(): Promise<void> {
    [this.#database, this.kafka, this.tokens] = await Promise.all([createFeedDatabase(), provisionTestKafka(), TestTokens.start()]);
    // The outbox of another service, in this schema for the test.
    await createOutboxTable(this.#database.dataSource);
    this.#relay = new OutboxRelay({ config: this.#database.config, schema: SCHEMA, kafka: this.kafka.config, logger: silentLog });
    this.#relay.start();
    this.#config = loadConfig(NotificationConfig, {
      DATABASE_URL: this.#database.config.url,
      REDIS_URL: testInfra().redisUrl,
      KAFKA_BROKER: this.kafka.config.brokers.join(','),
      SCHEMA_REGISTRY_URL: this.kafka.config.schemaRegistryUrl,
      KAFKA_TOPIC_PREFIX: this.kafka.config.topicPrefix,
      ...internalKeysEnv('notification-service'),
      AUTH_SERVICE_URL: this.tokens.baseUrl,
      PORT: '0',
      METRICS_PORT: '0',
      LOG_LEVEL: 'silent',
    });
    await this.startService();
  }

  get dataSource(): DataSource {
    return this.#database.dataSource;
  }

  async startService(): Promise<void> {
    this.service = await startNotificationService(this.#config);
  }

  async stop(): Promise<void> {
    await this.service?.stop();
    await this.#relay?.stop();
    await this.tokens?.close();
    await this.#database?.close();
    await this.kafka?.drop();
  }

  readonly write = <T extends EventType>(type: T, key: string, payload: EventPayloads[T], eventId = newId()): EventToPublish => {
    const event = { type, key, payload, eventId } as EventToPublish;
    this.pending.push(event);
    return event;
  };

  readonly publish = async (): Promise<void> => {
    const events = this.pending;
    this.pending = [];
    await appendToOutbox(this.#database.dataSource, ...events);
    this.#relay!.wake();
  };

  readonly call = async (
    method: string,
    path: string,
    userId: string | null,
    body?: unknown,
    signal?: AbortSignal,
  ): Promise<{ status: number; type: string | null; body: any }> => {
    const response = await fetch(this.service.url + path, {
      method,
      headers: {
        ...(userId ? { authorization: `Bearer ${await this.#tokenFor(path, userId)}` } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    });
    const text = await response.text();
    return { status: response.status, type: response.headers.get('content-type'), body: text === '' ? undefined : JSON.parse(text) };
  };

  /** Only the gateway may read the feed. */
  async #tokenFor(path: string, userId: string): Promise<string> {
    if (!path.startsWith('/feed/')) return this.tokens.issue({ userId });
    return internalTokensOf('api-gateway').issue('notification-service', { userId, sessionId: newId() });
  }

  readonly notificationsOf = async (userId: string) => (await this.call('GET', '/notifications', userId)).body as NotificationPage;
  readonly endPositionOf = async (userId: string) => (await this.call('POST', '/feed/end-position', userId)).body as FeedPosition;
  /** Resolves when the consumer has read the log for the first time. */
  readonly isReady = () => eventually(async () => (await this.call('POST', '/feed/end-position', newId())).status === 200);

  readonly replayAll = async (userId: string, after: FeedPosition): Promise<FeedPage['events']> => {
    const events: FeedPage['events'] = [];
    for (;;) {
      const { status, type, body } = await this.call('POST', '/feed/replay', userId, { after, limit: 500 });
      assert.deepEqual({ status, type }, { status: 200, type: 'application/json; charset=utf-8' });
      const page = body as FeedPage;
      assert.equal(page.recovered, true);
      events.push(...page.events);
      if (page.done) return events;
      after = page.position;
    }
  };
}

export function useService(): TestService {
  const test = new TestService();
  beforeAll(() => test.start());
  afterAll(() => test.stop());
  return test;
}
