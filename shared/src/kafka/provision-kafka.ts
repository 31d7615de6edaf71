import { setTimeout } from 'node:timers/promises';
import type { Admin, ITopicConfig } from 'kafkajs';
import { silentLog, type Log } from '../observability/index.js';
import { EVENT_TOPICS, TOPICS, type EventType, type TopicName } from '../events/index.js';
import { createKafka, deadLetterTopicOf, topicOf, type KafkaSettings } from './kafka-client.js';
import { SchemaRegistry } from './schema-registry.js';

const CREATE_WITHIN_MS = 60_000;
const LEADERS_WITHIN_MS = 20_000;

/** The consumer groups, each with a dead-letter topic; they have the names of the schemas of the services. */
export const CONSUMER_GROUPS = ['chat', 'presence', 'profile', 'notification'] as const;

/** Differences from the catalogue of topics, mostly for tests. */
export interface ProvisionKafkaOptions {
  /** The number of partitions of new topics; by default that of the catalogue. */
  partitions?: number;
  /** The number of replicas of every partition; by default three, or as many as there are brokers. */
  replicationFactor?: number;
  /** Further groups that get a dead-letter topic. */
  groups?: string[];
  log?: Log;
}

/** Creates the missing topics and registers the schemas: a part of the migrate step. It can be repeated, and several processes may run it at the same time. */
export async function provisionKafka(config: KafkaSettings, options: ProvisionKafkaOptions = {}): Promise<void> {
  const admin = createKafka(config, 'provision', options.log ?? silentLog).admin();
  await admin.connect();
  try {
    await createTopics(admin, config, options);
  } finally {
    await admin.disconnect();
  }
  const registry = new SchemaRegistry(config);
  for (const type of Object.keys(EVENT_TOPICS) as EventType[]) await registry.register(type);
}

async function createTopics(admin: Admin, config: KafkaSettings, options: ProvisionKafkaOptions): Promise<void> {
  const { brokers } = await admin.describeCluster();
  const replicationFactor = options.replicationFactor ?? Math.min(3, brokers.length);
  const safety = [
    { name: 'min.insync.replicas', value: String(replicationFactor > 2 ? 2 : 1) },
    // The outbox deletes what Kafka has acknowledged, so a single replica has to be on the disk.
    ...(replicationFactor === 1 ? [{ name: 'flush.messages', value: '1' }] : []),
  ];
  const topics: ITopicConfig[] = (Object.keys(TOPICS) as TopicName[]).map((name) => ({
    topic: topicOf(config, name),
    numPartitions: options.partitions ?? TOPICS[name].partitions,
    replicationFactor,
    configEntries: [
      ...safety,
      { name: 'retention.ms', value: String(TOPICS[name].retentionMs) },
      { name: 'cleanup.policy', value: TOPICS[name].cleanup },
    ],
  }));
  for (const group of [...CONSUMER_GROUPS, ...(options.groups ?? [])]) {
    topics.push({
      topic: deadLetterTopicOf(config, group),
      numPartitions: 1,
      replicationFactor,
      // Letters are kept until they are replayed or dropped; they are larger than the records that they contain.
      configEntries: [
        ...safety,
        { name: 'retention.ms', value: '-1' },
        { name: 'cleanup.policy', value: 'compact' },
        { name: 'max.message.bytes', value: String(2 * 1024 * 1024) },
      ],
    });
  }
  await createMissing(admin, topics);
  await waitForLeaders(
    admin,
    topics.map(({ topic }) => topic),
  );
}

/** A broker that has just started answers late. It may have created the topics of a request that timed out, so they are listed again. */
async function createMissing(admin: Admin, topics: ITopicConfig[]): Promise<void> {
  const deadline = Date.now() + CREATE_WITHIN_MS;
  for (;;) {
    try {
      const existing = new Set(await admin.listTopics());
      const missing = topics.filter(({ topic }) => !existing.has(topic));
      // Not the wait for leaders of kafkajs: it fails as long as some brokers do not know the topic.
      if (missing.length > 0) await admin.createTopics({ topics: missing, waitForLeaders: false, timeout: 15_000 });
      return;
    } catch (error) {
      if (Date.now() > deadline || !(error as { retriable?: boolean }).retriable) throw error;
    }
    await setTimeout(500);
  }
}

async function waitForLeaders(admin: Admin, topics: string[]): Promise<void> {
  const deadline = Date.now() + LEADERS_WITHIN_MS;
  for (;;) {
    const metadata = await admin.fetchTopicMetadata({ topics }).catch((error: unknown) => {
      if (Date.now() > deadline) throw error;
      return null;
    });
    if (metadata?.topics.every(({ partitions }) => partitions.length > 0 && partitions.every(({ leader }) => leader >= 0))) return;
    if (Date.now() > deadline) throw new Error(`not every partition of ${topics.join(', ')} has a leader`);
    await setTimeout(50);
  }
}
