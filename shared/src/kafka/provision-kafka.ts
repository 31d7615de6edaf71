import { setTimeout } from 'node:timers/promises';
import type { Admin, ITopicConfig } from 'kafkajs';
import { silentLog, type Log } from '../observability/index.js';
import { EVENT_TOPICS, TOPICS, type EventType, type TopicName } from '../events/index.js';
import { createKafka, deadLetterTopicOf, topicOf, type KafkaSettings } from './kafka-client.js';
import { SchemaRegistry } from './schema-registry.js';

const LED_WITHIN_MS = 20_000;

/** The groups that consume, each with a dead-letter topic: the schemas of the services. */
export const CONSUMER_GROUPS = ['chat', 'presence', 'profile', 'notification'] as const;

export interface ProvisionKafkaOptions {
  /** Partitions of new topics, in place of those in the catalogue. */
  partitions?: number;
  /** Copies of every partition; three, or as many as there are brokers, when left out. */
  replicationFactor?: number;
  /** More groups that get a dead-letter topic. */
  groups?: string[];
  log?: Log;
}

/** The part of the migrate step that makes the topics and registers the schemas. Can be run again, and by several at once. */
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
    // The outbox forgets what Kafka has acknowledged, so with one copy that copy has to be on the disk.
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
      // Kept until somebody replays or drops them; larger than the records they carry.
      configEntries: [
        ...safety,
        { name: 'retention.ms', value: '-1' },
        { name: 'cleanup.policy', value: 'compact' },
        { name: 'max.message.bytes', value: String(2 * 1024 * 1024) },
      ],
    });
  }
  const existing = new Set(await admin.listTopics());
  const missing = topics.filter(({ topic }) => !existing.has(topic));
  // Not kafkajs's own wait for leaders: it fails while brokers have yet to hear of the topic.
  if (missing.length > 0) await admin.createTopics({ topics: missing, waitForLeaders: false, timeout: 15_000 });
  await untilLed(
    admin,
    topics.map(({ topic }) => topic),
  );
}

async function untilLed(admin: Admin, topics: string[]): Promise<void> {
  const deadline = Date.now() + LED_WITHIN_MS;
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
