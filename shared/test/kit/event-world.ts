import { randomUUID } from 'node:crypto';
import type { Producer } from 'kafkajs';
import type { DataSource } from 'typeorm';
import type { RedisConfig } from '../../src/config/index.js';
import type { TopicName } from '../../src/events/index.js';
import { OutboxRelay } from '../../src/outbox/index.js';
import { AvroCodec, topicOf, type KafkaSettings } from '../../src/kafka/index.js';
import { DeadLetters, KafkaEventsStrategy, type EventContext, type ReceivedEvent } from '../../src/consumer/index.js';
import { createKafka, producerSettings } from '../../src/kafka/kafka-client.js';
import { createTestDatabase, eventually, provisionTestKafka, type TestDatabase, type TestKafka } from '../../src/testing/index.js';
import { connect, migrate, SCHEMA, writeEffect } from './event-database.js';
import { log } from './log.js';
import { appendMessages, type Message, payloadOf, seqsByKey } from './messages.js';

export const GROUP = 'listener';
export const TOPIC: TopicName = 'chat.conversation';

/** A producing and consuming service: its database with outbox, inbox and a table of effects; topics of its own. */
export class World {
  readonly #ending: (() => Promise<unknown>)[] = [];

  private constructor(
    readonly database: TestDatabase,
    readonly kafka: TestKafka,
    readonly dataSource: DataSource,
  ) {}

  static async create(): Promise<World> {
    const [database, kafka] = await Promise.all([
      createTestDatabase({ schema: SCHEMA, role: 'messaging_service', migrate }),
      provisionTestKafka(undefined, { groups: [GROUP] }),
    ]);
    const dataSource = await connect(database.config);
    return new World(database, kafka, dataSource);
  }

  get config(): KafkaSettings {
    return this.kafka.config;
  }

  /** Calls `end` when the world ends, in reverse order. */
  atEnd<T>(value: T, end: (value: T) => Promise<unknown>): T {
    this.#ending.unshift(() => end(value));
    return value;
  }

  async end(): Promise<void> {
    for (const end of this.#ending) await end();
    await this.dataSource.destroy();
    await this.database.drop();
    await this.kafka.drop();
  }

  relay(kafka = this.config, redis?: RedisConfig, pollIntervalMs?: number, database = this.database.config): OutboxRelay {
    const options = { config: database, schema: SCHEMA, kafka, logger: log };
    const relay = new OutboxRelay({ ...options, ...(redis ? { redis } : {}), ...(pollIntervalMs === undefined ? {} : { pollIntervalMs }) });
    relay.start();
    return this.atEnd(relay, (one) => one.stop());
  }

  /** A consumer that writes one effect for each MessageCreated, unless `before` rejects. */
  consumer(before: Before = () => undefined, kafka = this.config, dataSource = this.dataSource): KafkaEventsStrategy {
    const strategy = this.strategy(kafka, dataSource);
    strategy.addHandler(
      'MessageCreated',
      async (event: ReceivedEvent<'MessageCreated'>, context: EventContext) => {
        await before(event, context);
        await writeEffect(context.manager, event);
      },
      true,
    );
    strategy.listen(() => undefined);
    return strategy;
  }

  /** Without handlers, not started. */
  strategy(kafka = this.config, dataSource = this.dataSource): KafkaEventsStrategy {
    const strategy = new KafkaEventsStrategy({ group: GROUP, topics: [TOPIC], kafka, dataSource, logger: log });
    return this.atEnd(strategy, (one) => one.close());
  }

  /** Publishes messages through the outbox, in one transaction. */
  async publish(...messages: Message[]): Promise<void> {
    await this.dataSource.transaction((manager) => appendMessages(manager, ...messages));
  }

  /** The effects of the consumer, in order. */
  async effects(): Promise<{ event_id: string; key: string; seq: number }[]> {
    return await this.dataSource.query('select event_id, key, seq from effects order by position');
  }

  /** The seqs of the effects, by conversation, as soon as there are as many effects as messages. */
  async arrived(conversations: Message[][]): Promise<Map<string, number[]>> {
    const total = conversations.reduce((sum, one) => sum + one.length, 0);
    await eventually(async () => (await this.effects()).length >= total, { timeoutMs: 30_000 });
    return seqsByKey(await this.effects());
  }

  async outboxSize(): Promise<number> {
    const [row] = (await this.dataSource.query('select count(*)::int as n from outbox')) as { n: number }[];
    return row!.n;
  }

  /** A producer beside the outbox, for records that no service would write. */
  async producer(): Promise<Producer> {
    const producer = createKafka(this.config, 'test', log).producer(producerSettings());
    await producer.connect();
    return this.atEnd(producer, (one) => one.disconnect());
  }

  /** A record as the relay writes it. */
  async record(message: Message): Promise<{ key: string; value: Buffer; headers: Record<string, string> }> {
    this.#codec ??= new AvroCodec(this.config);
    return {
      key: message.conversationId,
      value: await this.#codec.encode('MessageCreated', payloadOf(message)),
      headers: { 'event-id': message.eventId ?? randomUUID(), 'event-type': 'MessageCreated', 'occurred-at': new Date().toISOString() },
    };
  }

  #codec: AvroCodec | undefined;

  get topic(): string {
    return topicOf(this.config, TOPIC);
  }

  /** The dead letters of the consumer. */
  deadLetters(): DeadLetters {
    return this.atEnd(new DeadLetters(this.config, GROUP, log), (one) => one.close());
  }

  async deadLetterCount(): Promise<number> {
    const admin = createKafka(this.config, 'test', log).admin();
    await admin.connect();
    const offsets = await admin.fetchTopicOffsets(`${this.config.topicPrefix}${GROUP}.dead-letter`);
    await admin.disconnect();
    return offsets.reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0);
  }
}

export type Before = (event: ReceivedEvent<'MessageCreated'>, context: EventContext) => unknown;
