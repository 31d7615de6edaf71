import { expect, it } from 'vitest';
import { FeedConsumer } from '../src/feed/feed.consumer.js';
import type { LivePublisher } from '../src/feed/live-publisher.js';
import type { PendingNotificationsWorker } from '../src/feed/pending-notifications.worker.js';
import { Conversation } from './kit/events.js';
import { feedLog } from './kit/fake-log.js';
import { useFeed } from './kit/use-feed.js';

const feed = useFeed();
const { write, record, page } = feed;

it('a cursor before records that Kafka has deleted before they were recorded is not recovered; one at the first record is', async () => {
  const conversation = new Conversation(write);
  const [ann] = conversation.members as [string];
  conversation.create();
  await record();
  const old = await feed.replay.endPosition();
  const partition = feed.log.partitionOf(conversation.id);
  // Offsets 1 to 4 are gone when the partitions are assigned.
  const [publisher, worker] = [
    { assign: () => {} } as unknown as LivePublisher,
    { wake: () => {} } as unknown as PendingNotificationsWorker,
  ];
  const consumer = new FeedConsumer(feed.dataSource, feedLog, publisher, worker);
  await consumer.assignPartitions(
    [0, 1].map((number) => ({
      topic: feedLog.topic,
      epoch: feed.epoch,
      partition: number,
      nextOffset: old.offsets[number]! + 1,
      firstOffset: number === partition ? 5 : 0,
    })),
  );
  await feed.dataSource.query('update consumer_positions set next_offset = 5 where topic = $1 and epoch = $2 and partition = $3', [
    feedLog.topic,
    feed.epoch,
    partition,
  ]);
  expect(await page(ann, old)).toEqual({ recovered: false, events: [], position: await feed.replay.endPosition(), done: true });
  expect(await page(ann, { ...old, offsets: old.offsets.with(partition, 4) })).toMatchObject({ recovered: true, done: true });
});
