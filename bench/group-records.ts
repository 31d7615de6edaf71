import { Kafka, logLevel } from 'kafkajs';
import type { Client } from 'pg';
import type { System } from '../scripts/system.ts';
import type { GroupLoad } from './group-load.ts';

const TOPIC = 'chat.conversation';

/** Counts what the messages of each group are in the log and in the feed, and prints it; false if a message is not exactly one record and one row. */
export async function countRecords(groups: GroupLoad[], system: System, sql: Client): Promise<boolean> {
  const types = await recordTypes(system.addresses.kafkaBroker);
  console.log('\nRecords of Kafka and rows of the feed:\n');
  console.log('| members | messages | MessageCreated records | MessageCreated rows of the feed |\n| --- | --- | --- | --- |');
  let isExact = true;
  for (const { conversationId, members, accepted, failed } of groups) {
    const records = types.filter(({ key, type }) => key === conversationId && type === 'MessageCreated').length;
    const { rows } = await sql.query(
      `select count(*)::int as count from notification.feed_events where conversation_id = $1 and type = 'MessageCreated'`,
      [conversationId],
    );
    console.log(`| ${members.length} | ${accepted} | ${records} | ${rows[0].count} |`);
    // A send that failed may have been stored.
    isExact &&= rows[0].count === records && records >= accepted && records <= accepted + failed;
  }
  return isExact;
}

/** Key and type of each record of the topic, from its beginning to its present end. */
async function recordTypes(broker: string): Promise<{ key: string; type: string }[]> {
  const kafka = new Kafka({ clientId: 'bench', brokers: [broker], logLevel: logLevel.ERROR });
  const admin = kafka.admin();
  await admin.connect();
  const ends = new Map((await admin.fetchTopicOffsets(TOPIC)).map(({ partition, high }) => [partition, Number(high)]));
  await admin.disconnect();
  const consumer = kafka.consumer({ groupId: 'bench' });
  const records: { key: string; type: string }[] = [];
  const missing = new Set([...ends].filter(([, end]) => end > 0).map(([partition]) => partition));
  const { promise: isComplete, resolve } = Promise.withResolvers<void>();
  await consumer.connect();
  await consumer.subscribe({ topic: TOPIC, fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ partition, message }) => {
      records.push({ key: String(message.key), type: String(message.headers?.['event-type'] ?? '') });
      if (Number(message.offset) + 1 >= ends.get(partition)!) missing.delete(partition);
      if (missing.size === 0) resolve();
    },
  });
  await isComplete;
  await consumer.disconnect();
  return records;
}
