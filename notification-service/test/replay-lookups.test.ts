import type { FeedPosition } from '@chat/shared/contracts';
import { newId } from '@chat/shared/database';
import { expect, it } from 'vitest';
import { Conversation } from './kit/events.js';
import { feedLog } from './kit/fake-log.js';
import { useFeed } from './kit/use-feed.js';

const feed = useFeed();
const { write, record, page } = feed;

it('a page costs a bounded number of look-ups, however many conversations the user has', async () => {
  const user = newId();
  await feed.dataSource.query(
    `insert into memberships (conversation_id, user_id, from_epoch, from_offset)
     select gen_random_uuid(), $1, 0, 0 from generate_series(1, 5000)`,
    [user],
  );
  // Many records of other users, without their rows: only the distance matters.
  await feed.dataSource.query('update consumer_positions set next_offset = 10000000 where topic = $1 and epoch = $2', [
    feedLog.topic,
    feed.epoch,
  ]);
  const lookups = await feed.dataSource.transaction(async (manager) => {
    await manager.query('select * from replay_feed($1, $2, $3, $4, $5, 500)', [feedLog.group, feedLog.topic, user, feed.epoch, [-1, -1]]);
    const [row] = await manager.query(
      `select (pg_stat_get_xact_numscans('feed_events_conversation'::regclass) + pg_stat_get_xact_numscans('memberships_pkey'::regclass))::int as n`,
    );
    return row.n;
  });
  expect(lookups).toBeGreaterThan(5000);
  expect(lookups).toBeLessThanOrEqual(30_000);
});

it('a user of more conversations than a window has offsets receives each event once, in order', async () => {
  const ann = newId();
  const written: string[] = [];
  const conversations = Array.from({ length: 1500 }, () => new Conversation(write, [ann, newId()]));
  const others = Array.from({ length: 1500 }, () => new Conversation(write));
  for (const [n, conversation] of conversations.entries()) {
    written.push((conversation.create() as { eventId: string }).eventId);
    others[n]!.create();
  }
  for (const conversation of conversations) written.push((conversation.send(ann) as { eventId: string }).eventId);
  await record();
  const received: string[] = [];
  const last = [-1, -1];
  for (let after: FeedPosition | null = feed.beginning(); after;) {
    const { events, position, done } = await page(ann, after, 200);
    for (const { partition, offset, eventId } of events) {
      expect(offset).toBeGreaterThan(last[partition]!);
      last[partition] = offset;
      received.push(eventId);
    }
    after = done ? null : position;
  }
  expect(received.toSorted()).toEqual(written.toSorted());
});
