import { silentLog } from '@chat/shared/observability';
import { expect, it } from 'vitest';
import { FeedRetention } from '../src/feed/retention.js';
import { Conversation } from './kit/events.js';
import { feedLog } from './kit/fake-log.js';
import { useFeed } from './kit/use-feed.js';

const feed = useFeed({ partitions: 3 });
const { write, record, page } = feed;

it('purges the oldest events in chunks; a position before the last purged event is not recovered, one at it is', async () => {
  const conversation = new Conversation(write);
  const [ann] = conversation.members as [string];
  const partition = feed.log.partitionOf(conversation.id);
  conversation.create();
  for (let i = 0; i < 20; i++) conversation.send(ann);
  await record();
  const { dataSource } = feed;
  await dataSource.query(
    `update feed_events set recorded_at = now() - interval '31 days' where epoch = $1 and partition = $2 and ("offset" < 12 or "offset" = 15)`,
    [feed.epoch, partition],
  );
  const retention = new FeedRetention(dataSource, feedLog, silentLog);
  expect(await retention.purge(5)).toBe(12);
  expect(await retention.purge()).toBe(0);

  const at = (offset: number) => ({ epoch: feed.epoch, offsets: [0, 1, 2].map((p) => (p === partition ? offset : -1)) });
  expect(await page(ann, at(10))).toMatchObject({ recovered: false, events: [], position: await feed.replay.endPosition(), done: true });
  expect(await page(ann, at(-1))).toMatchObject({ recovered: false });
  const { recovered, events } = await page(ann, at(11));
  expect(recovered).toBe(true);
  expect(events.map(({ offset }) => offset)).toEqual([12, 13, 14, 15, 16, 17, 18, 19, 20]);
});
