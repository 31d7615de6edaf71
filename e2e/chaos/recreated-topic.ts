import { Kafka, logLevel, type Admin } from 'kafkajs';
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

async function deleteTopic(system: System): Promise<void> {
  const admin = await connectAdmin(system);
  await admin.deleteTopics({ topics: [TOPIC] });
  while ((await admin.listTopics()).includes(TOPIC)) await sleep(50);
  await admin.disconnect();
}

/** As the migrate step does: another number of partitions would begin a new epoch by itself. */
async function createTopic(system: System): Promise<void> {
  const admin = await connectAdmin(system);
  const configEntries = [{ name: 'flush.messages', value: '1' }];
  await admin.createTopics({ topics: [{ topic: TOPIC, numPartitions: 4, configEntries }], waitForLeaders: false });
  await admin.disconnect();
}

async function connectAdmin({ addresses }: System): Promise<Admin> {
  const admin = new Kafka({ brokers: [addresses.kafkaBroker], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  return admin;
}
