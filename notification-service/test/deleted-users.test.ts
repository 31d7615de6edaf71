import type { FeedEvent, FeedPage } from '@chat/shared/contracts';
import { newId } from '@chat/shared/database';
import { eventually } from '@chat/shared/testing';
import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { recordBatch } from '../src/feed/record-batch.js';
import { FeedReplay } from '../src/feed/replay.js';
import { NotificationsService } from '../src/notifications/notifications.service.js';
import { Conversation, deleteAccount, register, signInFromNewDevice } from './kit/events.js';
import { FakeLog, feedLog } from './kit/fake-log.js';
import { createFeedDatabase, type FeedDatabase } from './kit/feed-database.js';

let database: FeedDatabase;
let notifications: NotificationsService;
let replay: FeedReplay;
let log: FakeLog;
let epoch = 0;

beforeAll(async () => {
  database = await createFeedDatabase();
  notifications = new NotificationsService(database.dataSource);
  replay = new FeedReplay(database.dataSource, feedLog);
});
afterAll(() => database?.close());
beforeEach(async () => {
  log = await FakeLog.begin(database.dataSource, { epoch: ++epoch });
});

const write: FakeLog['write'] = (...args) => log.write(...args);
const record = () => recordBatch(database.dataSource, feedLog, log.batch());
const listOf = async (userId: string) => (await notifications.list(userId, { page: 1, limit: 100, unreadOnly: false })).data;

async function replayedTo(userId: string): Promise<FeedEvent[]> {
  const page = await replay.page(userId, { after: { epoch, offsets: Array.from({ length: log.partitions }, () => -1) }, limit: 500 });
  return (JSON.parse(page) as FeedPage).events;
}

const messagesOf = (events: FeedEvent[]) => events.flatMap((event) => (event.type === 'MessageCreated' ? [event.payload] : []));

/** The tables that contain a text or an id. */
async function tablesWith(text: string): Promise<string[]> {
  const tables: { name: string }[] = await database.dataSource.query(
    `select table_name as name from information_schema.tables where table_schema = 'notification' order by 1`,
  );
  const found: string[] = [];
  for (const { name } of tables)
    if ((await database.dataSource.query(`select 1 from "${name}" t where strpos(t::text, $1) > 0 limit 1`, [text])).length > 0)
      found.push(name);
  return found;
}

/** Resolves when this number of statements waits for a lock. */
const untilWaiting = (count: number) =>
  eventually(async () => {
    const waiting = `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
    return (await database.dataSource.query(waiting)).length === count;
  });

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

  const [first, second, third] = messagesOf(await replayedTo(ben));
  for (const message of [first, third])
    expect(message).toMatchObject({ senderId: ada, content: '', clientMessageId: null, deletedAt: expect.any(String) });
  expect(second).toMatchObject({ senderId: ben, content: `what "senderId":"${ada}" means`, clientMessageId: expect.any(String) });
  expect(second).not.toHaveProperty('deletedAt');
  const erased = { message: '', read: true, data: { senderId: ada } };
  expect(await listOf(ben)).toMatchObject([erased, erased]);
  expect(await notifications.countUnread(ben)).toBe(0);
  for (const text of [secret, 'Augusta-Ada', 'ada.lovelace']) expect([text, await tablesWith(text)]).toEqual([text, []]);
  expect(await listOf(ada)).toEqual([]);
  expect(await replayedTo(ada)).toEqual([]);
  expect(await tablesWith(ada)).toEqual(['deleted_users', 'feed_events', 'notifications']);
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
  const left: { sender: string; count: number }[] = await database.dataSource.query(
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
  expect(messagesOf(await replayedTo(ben)).map(({ content }) => content)).toEqual(['', 'to ada']);
  expect([await listOf(ada), await listOf(ben)]).toEqual([[], []]);
  for (const text of ['late words', 'ada.late']) expect([text, await tablesWith(text)]).toEqual([text, []]);
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
  for (const text of ['brief words', 'ada.brief']) expect([text, await tablesWith(text)]).toEqual([text, []]);
  expect(await listOf(ada)).toEqual([]);
  expect(messagesOf(await replayedTo(ben))).toMatchObject([{ content: '' }]);
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

/** A data source whose process crashes before the statement with this number; the server rolls back the open transaction. */
function crashingAt(statement: number): { dataSource: DataSource; hasCrashed: () => boolean } {
  let executed = 0;
  const query = (runner: { query: (sql: string, parameters?: unknown[]) => Promise<unknown> }) => (sql: string, parameters?: unknown[]) =>
    ++executed >= statement ? Promise.reject(new Error('crashed')) : runner.query(sql, parameters);
  const { dataSource } = database;
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
    const batch = log.batch();
    const { dataSource, hasCrashed } = crashingAt(crashes + 1);
    await recordBatch(dataSource, feedLog, batch).catch(() => {});
    if (hasCrashed()) await recordBatch(database.dataSource, feedLog, batch);
    for (const member of [ben, carl]) expect(await listOf(member)).toMatchObject([{ message: '', read: false }]);
    expect(await listOf(direct.members[1]!)).toMatchObject([{ message: '', read: true }]);
    expect(await tablesWith(ada)).toEqual(['deleted_users', 'feed_events', 'notifications']);
    if (!hasCrashed()) break;
    crashes++;
  }
  expect(crashes).toBeGreaterThan(5);
});

it('a deletion leaves nothing of what is recorded at the same time', async () => {
  for (let round = 0; round < 8; round++) {
    log = await FakeLog.begin(database.dataSource, { epoch: ++epoch, partitions: 4 });
    const conversation = new Conversation(write);
    const [ada, ben] = conversation.members as [string, string];
    conversation.create();
    await record();
    const secret = randomUUID();
    for (let i = 0; i < 20; i++) conversation.send(i % 2 ? ada : ben, i % 2 ? secret : 'to ada');
    const messages = log.batch();
    deleteAccount(write, ada);
    await Promise.all([recordBatch(database.dataSource, feedLog, messages), record()]);
    expect(await tablesWith(secret)).toEqual([]);
    expect(await listOf(ada)).toEqual([]);
    expect((await listOf(ben)).filter(({ message }) => message !== '')).toEqual([]);
  }
});

it('a deletion erases a message that is recorded but not committed when it begins', async () => {
  const conversation = new Conversation(write);
  const [ada, ben] = conversation.members as [string, string];
  conversation.create();
  await record();
  const holder = database.dataSource.createQueryRunner();
  await holder.startTransaction();
  await holder.query('select 1 from read_states where conversation_id = $1 for update', [conversation.id]);
  conversation.send(ada, 'at the last moment');
  const recording = record();
  await untilWaiting(1);
  deleteAccount(write, ada);
  const clearing = record();
  await untilWaiting(2);
  await holder.commitTransaction();
  await holder.release();
  await Promise.all([recording, clearing]);
  expect(await tablesWith('at the last moment')).toEqual([]);
  expect(messagesOf(await replayedTo(ben))).toMatchObject([{ content: '', senderId: ada }]);
});
