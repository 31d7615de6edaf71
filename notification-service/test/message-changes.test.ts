import type { FeedEvent, FeedMessage } from '@chat/shared/contracts';
import { newId } from '@chat/shared/database';
import type { EventPayloads } from '@chat/shared/events';
import { silentLog } from '@chat/shared/observability';
import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { FeedBacklog } from '../src/feed/backlog.js';
import { FeedRetention } from '../src/feed/retention.js';
import { Conversation, deleteAccount, MessageChanges } from './kit/events.js';
import { feedLog } from './kit/fake-log.js';
import { tablesWith } from './kit/inspect-database.js';
import { useFeed } from './kit/use-feed.js';

const feed = useFeed();
const { write, record } = feed;
let conversation: Conversation;
let ada: string;
let ben: string;
beforeEach(() => {
  conversation = new Conversation(write);
  [ada, ben] = conversation.members as [string, string];
  conversation.create();
});

const messageIn = ({ type, payload }: FeedEvent) => [type, payload as FeedMessage] as const;
const replayed = async (userId: string) => (await feed.replayedTo(userId)).map(messageIn).slice(1);
/** A message, and its changes. `eventId`: as a build before gave it. */
function send(content: string, eventId?: string): { message: EventPayloads['MessageCreated']; changes: MessageChanges } {
  const { payload: message } = conversation.send(ada, content, eventId, [ben]) as { payload: EventPayloads['MessageCreated'] };
  return { message, changes: new MessageChanges(write, message) };
}

describe.each([
  ['in the batch of the message', false, false],
  ['in later batches', true, false],
  ['of a message of the build before', true, true],
])('changes %s', (_name, isLater, isOfBuildBefore) => {
  const next = async () => {
    if (isLater) await record();
  };

  it('are live as they were published, and every event of the message is replayed as it is now', async () => {
    const { message, changes } = send('one', isOfBuildBefore ? newId() : undefined);
    await next();
    changes.edit('two');
    await next();
    changes.react(ben, '👍');
    changes.edit('three');
    const { events } = await record();
    const live = events.map(({ event }) => JSON.parse(event.payload) as FeedMessage);
    expect(live.at(-1)).toEqual({
      ...message,
      content: 'three',
      editedAt: expect.any(String),
      reactions: [{ emoji: '👍', count: 1, userIds: [ben] }],
    });
    expect(live.slice(-2).map(({ content }) => content)).toEqual(['two', 'three']);

    const now = live.at(-1)!;
    expect(await replayed(ben)).toEqual([
      ['MessageCreated', now],
      ['MessageUpdated', now],
      ['ReactionsChanged', now],
      ['MessageUpdated', now],
    ]);
    expect(await tablesWith(feed.dataSource, 'three')).toEqual(['feed_messages', 'notifications']);
  });

  it('that end with a deletion leave the text nowhere, and every event is replayed as the tombstone', async () => {
    const [secret, later, emoji] = [randomUUID(), randomUUID(), randomUUID()];
    const { message, changes } = send(secret, isOfBuildBefore ? newId() : undefined);
    await next();
    changes.edit(later);
    changes.react(ben, emoji);
    await next();
    changes.delete();
    const { events } = await record();
    const tombstone = { ...message, content: '', mentions: [], attachments: undefined, deletedAt: expect.any(String) };
    expect(JSON.parse(events.at(-1)!.event.payload)).toEqual(tombstone);
    const types = ['MessageCreated', 'MessageUpdated', 'ReactionsChanged', 'MessageDeleted'];
    expect(await replayed(ben)).toEqual(types.map((type) => [type, tombstone]));
    for (const text of [secret, later, emoji]) expect([text, await tablesWith(feed.dataSource, text)]).toEqual([text, []]);
    const backlog = new FeedBacklog(feed.dataSource, feedLog);
    const partition = feed.log.partitionOf(conversation.id);
    const page = await backlog.eventsAfter({ epoch: feed.epoch, partition, offset: -1 }, 100);
    expect(page.events.slice(1).map(({ event }) => JSON.parse(event.payload) as unknown)).toEqual(types.map(() => tombstone));
  });
});

it('a message that was never changed is stored as before, with its event alone', async () => {
  const { message } = send('one');
  await record();
  expect(await tablesWith(feed.dataSource, message.messageId)).toEqual(['feed_events', 'notifications']);
  expect(
    await feed.dataSource.query('select 1 from feed_events where conversation_id = $1 and message_id is not null', [conversation.id]),
  ).toEqual([]);
});

it('UserDeleted erases changed messages of the user, and the reactions and mentions of the user in those of others', async () => {
  const [secret, emoji] = [randomUUID(), randomUUID()];
  const { message, changes } = send(secret);
  changes.edit(`${secret} edited`);
  const { payload } = conversation.send(ben, 'from ben', undefined, [ada, ben]) as { payload: EventPayloads['MessageCreated'] };
  const ofBen = new MessageChanges(write, payload);
  ofBen.react(ada, emoji);
  ofBen.react(ben, '👎');
  await record();
  deleteAccount(write, ada);
  await record();
  const [created, updated, ...rest] = await replayed(ben);
  const tombstone = { ...message, content: '', mentions: [], attachments: undefined, clientMessageId: null, deletedAt: expect.any(String) };
  expect([created, updated]).toEqual([
    ['MessageCreated', tombstone],
    ['MessageUpdated', tombstone],
  ]);
  for (const [, shown] of rest)
    expect(shown).toMatchObject({ content: 'from ben', mentions: [ben], reactions: [{ emoji: '👎', count: 1, userIds: [ben] }] });
  for (const text of [secret, emoji]) expect([text, await tablesWith(feed.dataSource, text)]).toEqual([text, []]);

  // On their way when the account was deleted.
  ofBen.react(ben, '❤️');
  changes.edit('late');
  const { events } = await record();
  expect(events.map(({ event }) => JSON.parse(event.payload) as FeedMessage)).toMatchObject([
    { mentions: [ben], reactions: [{ emoji: '👎' }, { emoji: '❤️' }] },
    { content: '', deletedAt: expect.any(String) },
  ]);
  expect(await tablesWith(feed.dataSource, 'late')).toEqual([]);
});

it('the state of a message is purged a day after its last event', async () => {
  const retention = new FeedRetention(feed.dataSource, feedLog, silentLog);
  const { message, changes } = send('one');
  changes.edit('two');
  await record();
  const age = (days: number) =>
    feed.dataSource.query('update feed_messages set changed_at = now() - make_interval(days => $2) where message_id = $1', [
      message.messageId,
      days,
    ]);
  await age(31);
  await retention.purge();
  expect(await tablesWith(feed.dataSource, 'two')).toEqual(['feed_messages', 'notifications']);
  await age(32);
  await retention.purge();
  expect(await tablesWith(feed.dataSource, 'two')).toEqual(['notifications']);
});
