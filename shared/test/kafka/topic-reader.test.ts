import { randomUUID } from 'node:crypto';
import type { Kafka, KafkaMessage } from 'kafkajs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createKafka } from '../../src/kafka/kafka-client.js';
import { readTopic, UnreadableTopicError } from '../../src/kafka/index.js';
import { silentLog } from '../../src/observability/index.js';
import { provisionTestKafka, type TestKafka } from '../../src/testing/index.js';

let test: TestKafka;
let kafka: Kafka;
beforeAll(async () => {
  test = await provisionTestKafka(undefined, { groups: [] });
  kafka = createKafka(test.config, 'topic-reader', silentLog);
});
afterAll(() => test.drop());

async function createTopic(numPartitions: number, configEntries: { name: string; value: string }[] = []): Promise<string> {
  const topic = `${test.config.topicPrefix}${randomUUID()}`;
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions, configEntries }], waitForLeaders: true });
  await admin.disconnect();
  return topic;
}

async function send(topic: string, values: string[], partition = 0): Promise<void> {
  const producer = kafka.producer();
  await producer.connect();
  await producer.send({ topic, messages: values.map((value) => ({ value, partition })) });
  await producer.disconnect();
}

async function valuesOf(topic: string, client = kafka): Promise<string[]> {
  const records: KafkaMessage[] = [];
  await readTopic(client, topic, (record) => records.push(record));
  return records.map(({ value }) => String(value));
}

async function findLeader(): Promise<number> {
  const admin = kafka.admin();
  await admin.connect();
  const { brokers } = await admin.describeCluster();
  await admin.disconnect();
  return brokers[0]!.nodeId;
}

/** A client whose metadata of a topic are these; the cluster of the tests has one broker, which leads every partition. */
function kafkaWith(topic: string, partitions: { partitionId: number; leader: number }[]): Kafka {
  const client = createKafka(test.config, 'topic-reader', silentLog);
  const [symbol] = Object.getOwnPropertySymbols(client).filter(({ description }) => description === 'private:Kafka:createCluster') as [
    symbol,
  ];
  const clusters = client as unknown as Record<symbol, (options: object) => { findTopicPartitionMetadata(of: string): unknown }>;
  const create = clusters[symbol]!;
  clusters[symbol] = (options) => {
    const cluster = create(options);
    const find = cluster.findTopicPartitionMetadata.bind(cluster);
    return Object.assign(cluster, { findTopicPartitionMetadata: (of: string) => (of === topic ? partitions : find(of)) });
  };
  return client;
}

it('reads all records of all partitions that are there at the start, each once and in order', async () => {
  const topic = await createTopic(2);
  const values = Array.from({ length: 500 }, (_, n) => `${n} ${'x'.repeat(n)}`);
  for (let n = 0; n < values.length; n += 50) await send(topic, values.slice(n, n + 50), 0);
  await send(topic, ['a', 'b'], 1);
  expect(await valuesOf(topic)).toEqual([...values, 'a', 'b']);
});

it('reads nothing of an empty topic, and of one that does not exist', async () => {
  expect(await valuesOf(await createTopic(3))).toEqual([]);
  expect(await valuesOf('no-such-topic')).toEqual([]);
});

it('begins where the retained records begin', async () => {
  const topic = await createTopic(1);
  await send(topic, ['a', 'b', 'c']);
  const admin = kafka.admin();
  await admin.connect();
  // kafkajs knows the leaders of the topic only after such a call.
  await admin.fetchTopicOffsets(topic);
  await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '2' }] });
  await admin.disconnect();
  expect(await valuesOf(topic)).toEqual(['c']);
});

it('rejects when a partition is missing or has no leader, although the others can be read', async () => {
  const topic = await createTopic(3);
  await send(topic, ['a']);
  const leader = await findLeader();
  const withoutLeader = kafkaWith(
    topic,
    [0, 1, 2].map((partitionId) => ({ partitionId, leader: partitionId === 1 ? -1 : leader })),
  );
  await expect(valuesOf(topic, withoutLeader)).rejects.toThrow(`The topic ${topic} cannot be read: partition 1 has no leader`);
  const missing = kafkaWith(
    topic,
    [0, 2].map((partitionId) => ({ partitionId, leader })),
  );
  await expect(valuesOf(topic, missing)).rejects.toThrow('partition 1 has no leader');
  await expect(valuesOf(topic, kafkaWith(topic, []))).rejects.toThrow('partition 0 has no leader');
  await expect(valuesOf(topic, kafkaWith(topic, [{ partitionId: 0, leader: leader + 1 }]))).rejects.toThrow(UnreadableTopicError);
});
