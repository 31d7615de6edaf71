import { Kafka, logLevel } from 'kafkajs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { System } from '../../scripts/system.ts';
import type { Fault } from './prove-faults.ts';

const TOPIC = 'chat.conversation';

/** chat.conversation is deleted with its records, and created again after a while; it grows past the positions of its consumers. */
export const recreatedTopic: Fault = {
  name: 'recreated-topic',
  seconds: 5,
  sendsGoOn: true,
  losesLog: true,
  begin: deleteTopic,
  end: createTopic,
};

async function deleteTopic({ addresses }: System): Promise<void> {
  const admin = new Kafka({ brokers: [addresses.kafkaBroker], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  await admin.deleteTopics({ topics: [TOPIC] });
  while ((await admin.listTopics()).includes(TOPIC)) await sleep(50);
  await admin.disconnect();
}

async function createTopic({ addresses }: System): Promise<void> {
  // Not at the top: the system has been built by now.
  const { provisionKafka } = await import('@chat/shared/kafka');
  await provisionKafka({ brokers: [addresses.kafkaBroker], schemaRegistryUrl: addresses.schemaRegistryUrl, topicPrefix: '' });
}
