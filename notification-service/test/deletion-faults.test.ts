import type { FeedEvent } from '@chat/shared/contracts';
import { newId } from '@chat/shared/database';
import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { expect, it } from 'vitest';
import { recordBatch } from '../src/feed/feed.consumer.js';
import { Conversation, deleteAccount } from './kit/events.js';
import { feedLog } from './kit/fake-log.js';
import { tablesWith, untilWaiting } from './kit/inspect-database.js';
import { finishDeletions, useFeed } from './kit/use-feed.js';

const feed = useFeed();
const { write, record, listOf } = feed;

const messagesOf = (events: FeedEvent[]) => events.flatMap((event) => (event.type === 'MessageCreated' ? [event.payload] : []));

/** A data source whose process crashes before the statement with this number; the server rolls back the open transaction. */
function crashingAt(statement: number): { dataSource: DataSource; hasCrashed: () => boolean } {
  let executed = 0;
  const query = (runner: { query: (sql: string, parameters?: unknown[]) => Promise<unknown> }) => (sql: string, parameters?: unknown[]) =>
    ++executed >= statement ? Promise.reject(new Error('crashed')) : runner.query(sql, parameters);
  const { dataSource } = feed;
  const crashing = {
    query: query(dataSource),
    transaction: (work: (manager: unknown) => Promise<unknown>) =>
      dataSource.transaction((manager) => work({ query: query({ query: (sql, parameters) => manager.query(sql, parameters) }) })),
  };
  return { dataSource: crashing as unknown as DataSource, hasCrashed: () => executed >= statement };
}

// In a conversation of two nothing is left to be read after the deletion; in a larger one the other members have unread messages.
it('a deletion that a crash interrupted, whenever it happened, leaves the notifications of a group unread', async () => {
  let crashes = 0;
  for (;;) {
    const group = new Conversation(write, [newId(), newId(), newId()]);
    const [ada, ben, carl] = group.members as [string, string, string];
    const direct = new Conversation(write, [ada, newId()]);
    for (const conversation of [group, direct]) {
      conversation.create();
      conversation.send(ada, 'from ada');
    }
    await record();
    deleteAccount(write, ada);
    const batch = feed.log.batch();
    const { dataSource, hasCrashed } = crashingAt(crashes + 1);
    try {
      await recordBatch(dataSource, feedLog, batch);
      await finishDeletions(dataSource).catch(() => {});
      await finishDeletions(feed.dataSource);
    } catch {
      await record(batch);
    }
    for (const member of [ben, carl]) expect(await listOf(member)).toMatchObject([{ message: '', read: false }]);
    expect(await listOf(direct.members[1]!)).toMatchObject([{ message: '', read: true }]);
    expect(await tablesWith(feed.dataSource, ada)).toEqual(['deleted_users', 'feed_events', 'notifications']);
    if (!hasCrashed()) break;
    crashes++;
  }
  expect(crashes).toBeGreaterThan(5);
});

it('a deletion leaves nothing of what is recorded at the same time', async () => {
  for (let round = 0; round < 8; round++) {
    await feed.beginLog(4);
    const conversation = new Conversation(write);
    const [ada, ben] = conversation.members as [string, string];
    conversation.create();
    await record();
    const secret = randomUUID();
    for (let i = 0; i < 20; i++) conversation.send(i % 2 ? ada : ben, i % 2 ? secret : 'to ada');
    const messages = feed.log.batch();
    deleteAccount(write, ada);
    await Promise.all([record(messages), record()]);
    expect(await tablesWith(feed.dataSource, secret)).toEqual([]);
    expect(await listOf(ada)).toEqual([]);
    expect((await listOf(ben)).filter(({ message }) => message !== '')).toEqual([]);
  }
});

it('a deletion erases a message that is recorded but not committed when it begins', async () => {
  const conversation = new Conversation(write);
  const [ada, ben] = conversation.members as [string, string];
  conversation.create();
  await record();
  const holder = feed.dataSource.createQueryRunner();
  await holder.startTransaction();
  await holder.query('select 1 from read_states where conversation_id = $1 for update', [conversation.id]);
  conversation.send(ada, 'at the last moment');
  const recording = record();
  await untilWaiting(feed.dataSource, 1);
  deleteAccount(write, ada);
  const clearing = record();
  await untilWaiting(feed.dataSource, 2);
  await holder.commitTransaction();
  await holder.release();
  await Promise.all([recording, clearing]);
  expect(await tablesWith(feed.dataSource, 'at the last moment')).toEqual([]);
  expect(messagesOf(await feed.replayedTo(ben))).toMatchObject([{ content: '', senderId: ada }]);
});
