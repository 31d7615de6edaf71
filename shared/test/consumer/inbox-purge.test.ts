import { randomUUID } from 'node:crypto';
import kafkajs from 'kafkajs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { InboxPurge } from '../../src/consumer/inbox-purge.js';
import { AvroCodec, createKafka, groupOf } from '../../src/kafka/index.js';
import { eventually } from '../../src/testing/index.js';
import { GROUP, TOPIC, World } from '../kit/event-world.js';
import { log } from '../kit/log.js';
import { payloadOf } from '../kit/messages.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const PARTITIONS = [0, 1, 2, 3];

let world: World;
let codec: AvroCodec;
beforeEach(async () => {
  world = await World.create();
  codec = new AvroCodec(world.config);
  // The broker must not delete the old records meanwhile.
  const admin = createKafka(world.config, 'test', log).admin();
  await admin.connect();
  const configEntries = [{ name: 'retention.ms', value: '-1' }];
  await admin.alterConfigs({
    validateOnly: false,
    resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: world.topic, configEntries }],
  });
  await admin.disconnect();
});
afterEach(() => world.end());

/** Writes one message to each of these partitions, as of so many days ago; returns the ids of the events. */
async function write(daysAgo: number, partitions = PARTITIONS): Promise<string[]> {
  const time = new Date(Date.now() - daysAgo * DAY_MS);
  const messages = await Promise.all(
    partitions.map(async (partition) => {
      const conversationId = randomUUID();
      const payload = { ...payloadOf({ conversationId, seq: 1 }), createdAt: time.toISOString() };
      const headers = { 'event-id': randomUUID(), 'event-type': 'MessageCreated', 'occurred-at': time.toISOString() };
      const value = await codec.encode('MessageCreated', payload);
      return { key: conversationId, value, headers, partition, timestamp: String(time.getTime()) };
    }),
  );
  const producer = await world.producer();
  await producer.send({ topic: world.topic, messages });
  return messages.map(({ headers }) => headers['event-id']);
}

const effects = async (): Promise<string[]> => (await world.effects()).map((effect) => effect.event_id);
const purge = (rowsPerChunk?: number) => new InboxPurge(world.dataSource, groupOf(world.config, GROUP), [TOPIC], log).purge(rowsPerChunk);

/** The events were handled when they were written. */
async function agedInbox(eventIds: string[], daysAgo: number): Promise<void> {
  await world.dataSource.query(`update inbox set handled_at = now() - make_interval(days => $2) where event_id = any($1)`, [
    eventIds,
    daysAgo,
  ]);
}

async function inboxIds(): Promise<string[]> {
  return ((await world.dataSource.query('select event_id from inbox')) as { event_id: string }[]).map((row) => row.event_id).sort();
}

it('old ids are purged in chunks; when the log is read from its beginning again, no record has a second effect', async () => {
  const consumer = world.consumer();
  const old = await write(40);
  const recent = await write(1);
  await eventually(async () => expect(await effects()).toHaveLength(8));
  await consumer.close();
  await agedInbox(old, 40);
  expect(await purge(3)).toBe(4);
  expect(await inboxIds()).toEqual(recent.toSorted());

  await world.dataSource.query(`update consumer_epochs set cluster_id = 'another'`);
  world.consumer();
  const [last] = await write(0, [0]);
  await eventually(async () => expect(await effects()).toContain(last));
  await eventually(async () => {
    const rows = await world.dataSource.query(
      'select sum(next_offset)::int as read from consumer_positions where epoch = (select epoch from consumer_epochs)',
    );
    expect(rows).toEqual([{ read: 9 }]);
  });
  expect((await effects()).toSorted()).toEqual([...old, ...recent, last].toSorted());
});

it('no id is purged while a partition has no record that is newer', async () => {
  const consumer = world.consumer();
  const old = await write(40);
  await write(1, [0, 1, 2]);
  await eventually(async () => expect(await effects()).toHaveLength(7));
  await consumer.close();
  await agedInbox(old, 40);
  expect(await purge()).toBe(0);
  expect(await inboxIds()).toHaveLength(7);
});

it('positions of a topic that the group does not consume any more hold no id back', async () => {
  const consumer = world.consumer();
  const old = await write(40);
  const recent = await write(1);
  await eventually(async () => expect(await effects()).toHaveLength(8));
  await consumer.close();
  await agedInbox(old, 40);
  await world.dataSource.query(
    `insert into consumer_epochs select consumer_group, 'chat.former', epoch, cluster_id, partition_count from consumer_epochs`,
  );
  await world.dataSource.query(
    `insert into consumer_positions (consumer_group, topic, epoch, partition, next_offset, last_offset, last_timestamp)
     select consumer_group, 'chat.former', epoch, partition, 1, 0, last_timestamp - ${60 * DAY_MS} from consumer_positions`,
  );
  expect(await purge()).toBe(4);
  expect(await inboxIds()).toEqual(recent.toSorted());
});

it('a record that has waited in the log for longer than ids are kept has its effect', async () => {
  const consumer = world.consumer();
  const handled = await write(60);
  await eventually(async () => expect(await effects()).toHaveLength(4));
  await consumer.close();
  await agedInbox(handled, 60);
  const waiting = await write(50);
  await purge();
  await world.dataSource.query(`update consumer_epochs set cluster_id = 'another'`);
  world.consumer();
  await eventually(async () => expect(await effects()).toHaveLength(8));
  expect((await effects()).toSorted()).toEqual([...handled, ...waiting].toSorted());
});
