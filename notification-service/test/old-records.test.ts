import { newId } from '@chat/shared/database';
import type { ReceivedEvent } from '@chat/shared/consumer';
import { silentLog } from '@chat/shared/observability';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { FeedRetention } from '../src/feed/retention.js';
import { Conversation, signInFromNewDevice } from './kit/events.js';
import { feedLog } from './kit/fake-log.js';
import { useFeed } from './kit/use-feed.js';

const feed = useFeed();
const { record, listOf, page } = feed;
const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000);

let ageDays = 0;
/** Writes events that are `ageDays` old. */
const write: typeof feed.write = (...args) => Object.assign(feed.write(...args), { occurredAt: daysAgo(ageDays) });
/** Writes messages of a conversation with these event ids, from seq 1 on. */
function sendAll(conversation: Conversation, eventIds: string[]): void {
  conversation.lastSeq = 0;
  for (const eventId of eventIds) conversation.send(conversation.members[0]!, 'hello', eventId);
}

beforeEach(() => {
  ageDays = 0;
});
afterEach(() => vi.useRealTimers());

it('a record that is older than the retention moves the position and has no other effect, also in a new epoch', async () => {
  const conversation = new Conversation(write);
  const [, bob] = conversation.members as [string, string];
  const eventIds = [newId(), newId(), newId()];
  const creation = newId();
  conversation.create(creation);
  sendAll(conversation, eventIds);
  await record();
  await feed.dataSource.query(`update feed_events set recorded_at = now() - interval '31 days'`);
  await new FeedRetention(feed.dataSource, feedLog, silentLog).purge();

  // Kafka still has the whole segment, and a change of the partition count begins a new epoch.
  await feed.beginLog();
  ageDays = 31;
  conversation.create(creation);
  sendAll(conversation, eventIds);
  expect(await record()).toEqual({ events: [], notifications: [], hasPending: false });
  expect(await listOf(bob)).toMatchObject([{ data: { count: 3 } }]);
  expect(await feed.dataSource.query('select 1 from feed_events')).toEqual([]);
  expect((await feed.replay.endPosition()).offsets[feed.log.partitionOf(conversation.id)]).toBe(3);
});

it('a cursor before a record that was too old to be recorded is not recovered, one at it is', async () => {
  const conversation = new Conversation(write);
  const [ann] = conversation.members as [string];
  conversation.create();
  await record();
  const before = await feed.replay.endPosition();
  ageDays = 31;
  const { partition, offset } = conversation.send(ann) as ReceivedEvent;
  ageDays = 0;
  conversation.send(ann);
  await record();
  expect(await page(ann, before)).toMatchObject({ recovered: false, events: [] });
  const after = { ...before, offsets: before.offsets.with(partition, offset) };
  expect(await page(ann, after)).toMatchObject({ recovered: true, events: [{ payload: { seq: 2 } }] });
});

it('the members of a conversation are known, however old its creation is: they receive its younger messages', async () => {
  const conversation = new Conversation(write);
  const [ann, bob] = conversation.members as [string, string];
  ageDays = 40;
  conversation.create();
  ageDays = 0;
  conversation.send(ann);
  const { events, notifications } = await record();
  expect(events.map(({ event, audience }) => [event.type, audience.length])).toEqual([['MessageCreated', 2]]);
  expect(notifications.map(({ userId }) => userId)).toEqual([bob]);
});

it('a member that was removed is not brought back by an old creation that is read again', async () => {
  const conversation = new Conversation(write);
  const [ann, bob] = conversation.members as [string, string];
  const creation = newId();
  conversation.create(creation);
  await record();
  await feed.dataSource.query('update memberships set until_epoch = from_epoch, until_offset = from_offset where user_id = $1', [bob]);
  await feed.dataSource.query('delete from feed_events');
  await feed.beginLog();
  ageDays = 31;
  conversation.create(creation);
  ageDays = 0;
  conversation.send(ann);
  expect((await record()).events.map(({ audience }) => audience)).toEqual([[ann]]);
});

it('ages are measured by the clock of the database, whatever the clock of this process says', async () => {
  const conversation = new Conversation(write);
  const [ann, bob] = conversation.members as [string, string];
  conversation.create();
  conversation.send(ann);
  signInFromNewDevice(write, bob);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 100 * 86_400_000 });
  const { events, notifications } = await record();
  expect(events).toHaveLength(2);
  expect(notifications.map(({ type }) => type).toSorted()).toEqual(['MESSAGE', 'SYSTEM']);
  expect(await new FeedRetention(feed.dataSource, feedLog, silentLog).purge()).toBe(0);
});
