import type { FeedEvent } from '@chat/shared/contracts';
import { newId } from '@chat/shared/database';
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { Conversation, deleteAccount, register, signInFromNewDevice } from './kit/events.js';
import { tablesWith } from './kit/inspect-database.js';
import { useFeed } from './kit/use-feed.js';

const feed = useFeed();
const { write, record, listOf } = feed;

const messagesOf = (events: FeedEvent[]) => events.flatMap((event) => (event.type === 'MessageCreated' ? [event.payload] : []));

// auth-service publishes UserDeleted; every service then deletes what it stores of the user.
it('UserDeleted leaves tombstones in the replays of other members, and nothing else', async () => {
  const conversation = new Conversation(write);
  const [ada, ben] = conversation.members as [string, string];
  const secret = randomUUID();
  register(write, ada, { username: 'ada.lovelace', firstName: 'Augusta-Ada' });
  conversation.create();
  conversation.send(ada, secret);
  conversation.send(ben, `what "senderId":"${ada}" means`);
  conversation.send(ada, secret);
  signInFromNewDevice(write, ada);
  await record();
  expect(await listOf(ada)).toHaveLength(2);
  const toBen = [{ message: secret, title: 'Augusta-Ada', read: false }, { message: secret }]; // his answer marked the older one as read
  expect(await listOf(ben)).toMatchObject(toBen);

  deleteAccount(write, ada);
  await record();

  const [first, second, third] = messagesOf(await feed.replayedTo(ben));
  for (const message of [first, third])
    expect(message).toMatchObject({ senderId: ada, content: '', clientMessageId: null, deletedAt: expect.any(String) });
  expect(second).toMatchObject({ senderId: ben, content: `what "senderId":"${ada}" means`, clientMessageId: expect.any(String) });
  expect(second).not.toHaveProperty('deletedAt');
  const erased = { message: '', read: true, data: { senderId: ada } };
  expect(await listOf(ben)).toMatchObject([erased, erased]);
  expect(await feed.notifications.countUnread(ben)).toBe(0);
  for (const text of [secret, 'Augusta-Ada', 'ada.lovelace']) expect([text, await tablesWith(feed.dataSource, text)]).toEqual([text, []]);
  expect(await listOf(ada)).toEqual([]);
  expect(await feed.replayedTo(ada)).toEqual([]);
  expect(await tablesWith(feed.dataSource, ada)).toEqual(['deleted_users', 'feed_events', 'notifications']);
});

it('a deletion erases long histories page by page, in every conversation', async () => {
  const ada = newId();
  const conversations = Array.from({ length: 3 }, () => new Conversation(write, [ada, newId()]));
  for (const conversation of conversations) {
    conversation.create();
    for (let i = 0; i < 620; i++) conversation.send(i % 10 === 9 ? conversation.members[1]! : ada, 'a message');
    await record();
  }
  deleteAccount(write, ada);
  await record();
  const left: { sender: string; count: number }[] = await feed.dataSource.query(
    `select (payload::json ->> 'senderId' = $1)::text as sender, count(*)::int as count from feed_events
     where type = 'MessageCreated' and conversation_id = any ($2) and payload::json ->> 'content' <> '' group by 1`,
    [ada, conversations.map(({ id }) => id)],
  );
  expect(left).toEqual([{ sender: 'false', count: 3 * 62 }]);
});

// The topics have no order between them: this service may lag in one and not in the other.
it('a late message of a deleted user is a tombstone at once, live too, and notifies no member', async () => {
  const conversation = new Conversation(write);
  const [ada, ben] = conversation.members as [string, string];
  deleteAccount(write, ada);
  await record();
  register(write, ada, { username: 'ada.late' });
  signInFromNewDevice(write, ada);
  conversation.create();
  conversation.send(ada, 'late words');
  conversation.send(ben, 'to ada');
  const { events, notifications: published } = await record();

  const live = events.find(({ event }) => event.type === 'MessageCreated')!;
  expect(JSON.parse(live.event.payload)).toMatchObject({ senderId: ada, content: '', deletedAt: expect.any(String) });
  expect(live.audience).toEqual([ben]);
  expect(published).toEqual([]);
  expect(messagesOf(await feed.replayedTo(ben)).map(({ content }) => content)).toEqual(['', 'to ada']);
  expect([await listOf(ada), await listOf(ben)]).toEqual([[], []]);
  for (const text of ['late words', 'ada.late']) expect([text, await tablesWith(feed.dataSource, text)]).toEqual([text, []]);
});

it('one batch may contain registration, messages and deletion of a user', async () => {
  const conversation = new Conversation(write);
  const [ada, ben] = conversation.members as [string, string];
  register(write, ada, { username: 'ada.brief' });
  signInFromNewDevice(write, ada);
  conversation.create();
  conversation.send(ada, 'brief words');
  deleteAccount(write, ada);
  await record();
  for (const text of ['brief words', 'ada.brief']) expect([text, await tablesWith(feed.dataSource, text)]).toEqual([text, []]);
  expect(await listOf(ada)).toEqual([]);
  expect(messagesOf(await feed.replayedTo(ben))).toMatchObject([{ content: '' }]);
});

it('a repeated UserDeleted changes nothing, and the other members of a group keep receiving messages', async () => {
  const conversation = new Conversation(write, [newId(), newId(), newId()]);
  const [ada, ben, carl] = conversation.members as [string, string, string];
  conversation.create();
  conversation.send(ada, 'from ada');
  const eventId = newId();
  deleteAccount(write, ada, eventId);
  await record();
  deleteAccount(write, ada, eventId);
  conversation.send(ben, 'from ben');
  const { events } = await record();
  expect(events.map(({ audience }) => audience.toSorted())).toEqual([[ben, carl].toSorted()]);
  expect(await listOf(carl)).toMatchObject([{ message: 'from ben', read: false }]);
  expect(await listOf(ada)).toEqual([]);
});
