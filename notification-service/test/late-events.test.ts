import type { FeedMessage } from '@chat/shared/contracts';
import type { EventPayloads } from '@chat/shared/events';
import { randomUUID } from 'node:crypto';
import { beforeEach, expect, it } from 'vitest';
import { Conversation, MessageChanges } from './kit/events.js';
import { tablesWith } from './kit/inspect-database.js';
import { useFeed } from './kit/use-feed.js';

/* An event whose record was a dead letter comes after later ones of its message, when the letter is replayed. */

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

const send = (content: string) => (conversation.send(ada, content) as { payload: EventPayloads['MessageCreated'] }).payload;
const replayed = async () => (await feed.replayedTo(ben)).slice(1).map(({ payload }) => payload as FeedMessage);
const live = async () => (await record()).events.map(({ event }) => JSON.parse(event.payload) as FeedMessage);
/** Reads the last record, and does not record it. */
const becomesDeadLetter = async (write: () => unknown) => {
  await record();
  write();
  feed.log.batch();
};

it.each([
  ['in a later batch', true],
  ['in the batch of the deletion', false],
])('an edit that comes after the deletion, %s, brings no text back and is counted nowhere', async (_name, isLater) => {
  const [first, secret] = [randomUUID(), randomUUID()];
  const changes = new MessageChanges(write, send(first));
  send('another');
  await record();
  changes.delete();
  if (isLater) await record();
  changes.edit(secret);
  const tombstone = { content: '', deletedAt: expect.any(String) };
  expect((await live()).at(-1)).toMatchObject(tombstone);
  for (const text of [first, secret]) expect([text, await tablesWith(feed.dataSource, text)]).toEqual([text, []]);
  expect((await replayed()).filter(({ seq }) => seq === 1)).toMatchObject([tombstone, tombstone, tombstone]);
  expect(await feed.listOf(ben)).toMatchObject([{ read: false, data: { count: 1 } }]);
});

it('a message that comes after its deletion is a tombstone, and notifies no user', async () => {
  const secret = randomUUID();
  let message!: EventPayloads['MessageCreated'];
  await becomesDeadLetter(() => (message = send(secret)));
  new MessageChanges(write, message).delete();
  await record();
  write('MessageCreated', conversation.id, message, message.messageId);
  const tombstone = { content: '', deletedAt: expect.any(String) };
  expect(await live()).toMatchObject([tombstone]);
  expect(await tablesWith(feed.dataSource, secret)).toEqual([]);
  expect(await replayed()).toMatchObject([tombstone, tombstone]);
  expect(await feed.listOf(ben)).toEqual([]);
});

it('of two edits the newer text stays, whichever comes first', async () => {
  const changes = new MessageChanges(write, send('one'));
  await record();
  const { payload: older } = changes.edit('two') as { payload: EventPayloads['MessageUpdated'] };
  feed.log.batch();
  changes.edit('three');
  await record();
  write('MessageUpdated', conversation.id, { ...older, editedAt: new Date(Date.parse(older.editedAt) - 1000).toISOString() });
  expect(await live()).toMatchObject([{ content: 'three' }]);
  expect((await replayed()).map(({ content }) => content)).toEqual(['three', 'three', 'three']);
  expect(await feed.listOf(ben)).toMatchObject([{ message: expect.stringContaining('three') }]);
});
