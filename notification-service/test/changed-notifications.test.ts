import { newId } from '@chat/shared/database';
import type { EventPayloads } from '@chat/shared/events';
import { beforeEach, expect, it } from 'vitest';
import { Conversation, MessageChanges } from './kit/events.js';
import { tablesWith } from './kit/inspect-database.js';
import { useFeed } from './kit/use-feed.js';

const feed = useFeed();
const { write, record, listOf } = feed;
let conversation: Conversation;
let ada: string;
let ben: string;
let carl: string;
beforeEach(() => {
  conversation = new Conversation(write, [newId(), newId(), newId()]);
  [ada, ben, carl] = conversation.members as [string, string, string];
  conversation.create();
});

const send = (content: string): MessageChanges => {
  const { payload } = conversation.send(ada, content) as { payload: EventPayloads['MessageCreated'] };
  return new MessageChanges(write, payload);
};

it('an edit of the newest message changes the preview of the unread notification, and notifies no member', async () => {
  const [first, second] = [send('one'), send('two')];
  await record();
  first.edit('one, edited');
  second.edit('two, edited');
  second.react(carl, '👍');
  expect((await record()).notifications).toEqual([]);
  for (const member of [ben, carl])
    expect(await listOf(member)).toMatchObject([{ message: 'two, edited', read: false, data: { count: 2, seq: 2 } }]);
  expect(await listOf(ada)).toEqual([]);
});

it('an edit in the batch of its message is the preview with which members are notified', async () => {
  send('one').edit('edited');
  const { notifications } = await record();
  expect(notifications.map(({ message }) => message)).toEqual(['edited', 'edited']);
});

it('an edit leaves a notification that was read as it was', async () => {
  const changes = send('one');
  conversation.read(ben);
  await record();
  changes.edit('edited');
  await record();
  expect(await listOf(ben)).toMatchObject([{ message: 'one', read: true }]);
});

it('a deleted message is not counted, and its text is in no notification, whether or not it was read', async () => {
  send('one');
  const second = send('a secret');
  conversation.read(ben);
  await record();
  second.delete();
  expect((await record()).notifications).toEqual([]);
  expect(await listOf(ben)).toMatchObject([{ message: '', read: true, data: { count: 2 } }]);
  expect(await listOf(carl)).toMatchObject([{ message: '', read: false, data: { count: 1 } }]);
  expect(await tablesWith(feed.dataSource, 'a secret')).toEqual([]);
});

it('a deleted message that is not the newest one is not counted, and the text stays', async () => {
  const first = send('one');
  send('two');
  await record();
  first.delete();
  await record();
  expect(await listOf(carl)).toMatchObject([{ message: 'two', read: false, data: { count: 1 } }]);
});

it('the deletion of the only unread message marks the notification as read; the next message creates a new one', async () => {
  send('one').delete();
  expect((await record()).notifications).toEqual([]);
  expect(await feed.notifications.countUnread(ben)).toBe(0);
  send('two');
  await record();
  expect(await listOf(ben)).toMatchObject([
    { message: 'two', read: false, data: { count: 1 } },
    { message: '', read: true },
  ]);
});
