import type { Admin } from 'kafkajs';
import { createKafka } from '../../src/kafka/kafka-client.js';
import { provisionKafka } from '../../src/kafka/index.js';
import { eventually } from '../../src/testing/index.js';
import { GROUP, type World } from './event-world.js';
import { log } from './log.js';

/** Deletes the topic of the world, with its records, and creates it again. */
export async function recreateTopic(world: World): Promise<void> {
  await withAdmin(world, async (admin) => {
    await admin.deleteTopics({ topics: [world.topic] });
    await eventually(async () => !(await admin.listTopics()).includes(world.topic));
  });
  await eventually(() => provisionKafka(world.config, { groups: [GROUP] }));
}

/** Deletes the records of a partition up to an offset, as retention does. */
export async function deleteRecordsBefore(world: World, partition: number, offset: number): Promise<void> {
  await withAdmin(world, async (admin) => {
    // Loads the metadata, without which kafkajs does not know the leader.
    await admin.fetchTopicOffsets(world.topic);
    await admin.deleteTopicRecords({ topic: world.topic, partitions: [{ partition, offset: String(offset) }] });
  });
}

async function withAdmin(world: World, use: (admin: Admin) => Promise<void>): Promise<void> {
  const admin = createKafka(world.config, 'test', log).admin();
  await admin.connect();
  try {
    await use(admin);
  } finally {
    await admin.disconnect();
  }
}
