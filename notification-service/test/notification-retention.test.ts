import { newId } from '@chat/shared/database';
import { silentLog } from '@chat/shared/observability';
import { expect, it } from 'vitest';
import { NotificationRetention } from '../src/notifications/notification-retention.js';
import { Conversation, signInFromNewDevice } from './kit/events.js';
import { useFeed } from './kit/use-feed.js';

const feed = useFeed();
const { write, record, listOf } = feed;
const age = (table: string, column: string, days: number) =>
  feed.dataSource.query(`update ${table} set ${column} = now() - make_interval(days => ${days})`);

it('read notifications are purged in chunks when they are older than the retention; unread and younger ones stay', async () => {
  const [read, unread] = [new Conversation(write), new Conversation(write)];
  const [, bob] = read.members as [string, string];
  unread.members[1] = bob;
  for (const conversation of [read, unread]) conversation.create();
  for (let i = 0; i < 5; i++) {
    read.send(read.members[0]!);
    read.read(bob);
  }
  unread.send(unread.members[0]!);
  await record();
  expect(await listOf(bob)).toHaveLength(6);
  const retention = new NotificationRetention(feed.dataSource, 90, silentLog);
  await age('notifications', 'created_at', 89);
  expect(await retention.purge()).toBe(0);
  await age('notifications', 'created_at', 91);
  expect(await retention.purge(2)).toBe(5);
  expect(await listOf(bob)).toMatchObject([{ read: false }]);
});

it('the id of a handled event is purged when the event is too old to have an effect again', async () => {
  const [ada, eventId] = [newId(), newId()];
  const retention = new NotificationRetention(feed.dataSource, 90, silentLog);
  const signInAgain = async (daysAgo: number) => {
    signInFromNewDevice(write, ada, { eventId, signedInAt: new Date(Date.now() - daysAgo * 86_400_000).toISOString() });
    return (await record()).notifications.length;
  };
  expect(await signInAgain(1)).toBe(1);
  await age('inbox', 'handled_at', 30);
  expect(await retention.purge()).toBe(0);
  expect(await signInAgain(29)).toBe(0);
  await age('inbox', 'handled_at', 32);
  expect(await retention.purge()).toBe(1);
  expect(await signInAgain(31)).toBe(0);
});
