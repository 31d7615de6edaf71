import { newId } from '@chat/shared/database';
import { PositionConflictError } from '@chat/shared/consumer';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { recordBatch } from '../src/feed/record-batch.js';
import { NotificationsService } from '../src/notifications/notifications.service.js';
import { Conversation, register } from './kit/events.js';
import { FakeLog, feedLog } from './kit/fake-log.js';
import { createFeedDatabase, type FeedDatabase } from './kit/feed-database.js';

let database: FeedDatabase;
let notifications: NotificationsService;
let log: FakeLog;
let epoch = 0;

beforeAll(async () => {
  database = await createFeedDatabase();
  notifications = new NotificationsService(database.dataSource);
});
afterAll(() => database?.close());
// Every test has its own log.
beforeEach(async () => {
  log = await FakeLog.begin(database.dataSource, { epoch: ++epoch });
});

const write: FakeLog['write'] = (...args) => log.write(...args);
const record = () => recordBatch(database.dataSource, feedLog, log.batch());
const everything = { page: 1, limit: 100, unreadOnly: false };
const listOf = async (userId: string) => (await notifications.list(userId, everything)).data;
const countFeedRows = async (conversation: Conversation): Promise<number> => {
  const [row] = await database.dataSource.query('select count(*)::int as n from feed_events where conversation_id = $1', [conversation.id]);
  return row.n;
};

describe('recording a batch', () => {
  it('stores events at their positions, and returns the users that may see them', async () => {
    const conversation = new Conversation(write);
    const created = log.write('ConversationCreated', conversation.id, {
      conversationId: conversation.id,
      kind: 'DIRECT',
      title: null,
      members: conversation.members.map((userId) => ({ userId, role: 'MEMBER' })),
      createdBy: conversation.members[0]!,
      createdAt: new Date().toISOString(),
    });
    conversation.send(conversation.members[0]!);
    const { events } = await record();
    expect(events.map(({ event }) => [event.type, event.offset])).toEqual([
      ['ConversationCreated', created.offset],
      ['MessageCreated', created.offset + 1],
    ]);
    for (const { audience } of events) expect(audience.toSorted()).toEqual(conversation.members.toSorted());
  });

  it('a redelivered batch is rejected as a whole, and stores nothing again', async () => {
    const conversation = new Conversation(write);
    conversation.create();
    conversation.send(conversation.members[0]!);
    const batch = log.batch();
    await recordBatch(database.dataSource, feedLog, batch);
    await expect(recordBatch(database.dataSource, feedLog, batch)).rejects.toBeInstanceOf(PositionConflictError);
    expect(await countFeedRows(conversation)).toBe(2);
    expect(await listOf(conversation.members[1]!)).toMatchObject([{ data: { count: 1 } }]);
  });

  it('an event that was published again adds no row and has no second effect', async () => {
    const conversation = new Conversation(write);
    const [ann, bob] = conversation.members as [string, string];
    const creation = newId();
    const first = newId();
    conversation.create(creation);
    conversation.send(ann, 'hello', first);
    await record();
    conversation.create(creation);
    conversation.lastSeq = 0;
    conversation.send(ann, 'hello', first);
    conversation.send(ann, 'again');
    conversation.lastSeq = 1;
    conversation.send(ann, 'hello', first);
    const { events } = await record();
    expect(events).toHaveLength(1);
    expect(await countFeedRows(conversation)).toBe(3);
    expect(await listOf(bob)).toMatchObject([{ message: 'again', data: { count: 2, seq: 2 } }]);
    const memberships = await database.dataSource.query('select 1 from memberships where conversation_id = $1', [conversation.id]);
    expect(memberships).toHaveLength(2);
  });

  it('the same event twice in one batch is counted once', async () => {
    const conversation = new Conversation(write);
    const [ann, bob] = conversation.members as [string, string];
    const eventId = newId();
    conversation.create();
    conversation.send(ann, 'hello', eventId);
    conversation.lastSeq = 0;
    conversation.send(ann, 'hello', eventId);
    expect((await record()).events).toHaveLength(2);
    expect(await listOf(bob)).toMatchObject([{ data: { count: 1 } }]);
  });

  it('stores nothing when another process has moved the position', async () => {
    const conversation = new Conversation(write);
    conversation.create();
    const batch = log.batch();
    batch.storePositions = () => Promise.reject(new PositionConflictError());
    await expect(recordBatch(database.dataSource, feedLog, batch)).rejects.toBeInstanceOf(PositionConflictError);
    expect(await countFeedRows(conversation)).toBe(0);
  });

  it('only users that are members at the position of an event see it, the first and the last event included', async () => {
    const conversation = new Conversation(write);
    const [ann, bob] = conversation.members as [string, string];
    const late = newId();
    conversation.create();
    await record();
    const offsets: number[] = [];
    for (let i = 0; i < 4; i++) offsets.push((conversation.send(ann) as { offset: number }).offset);
    await database.dataSource.query(
      'update memberships set until_epoch = $1, until_offset = $2 where conversation_id = $3 and user_id = $4',
      [epoch, offsets[1], conversation.id, bob],
    );
    await database.dataSource.query('insert into memberships (conversation_id, user_id, from_epoch, from_offset) values ($1, $2, $3, $4)', [
      conversation.id,
      late,
      epoch,
      offsets[2],
    ]);
    await database.dataSource.query('insert into read_states (conversation_id, user_id) values ($1, $2)', [conversation.id, late]);
    const { events } = await record();
    expect(events.map(({ audience }) => [audience.includes(bob), audience.includes(late)])).toEqual([
      [true, false],
      [true, false],
      [false, true],
      [false, true],
    ]);
    expect(await listOf(bob)).toMatchObject([{ data: { count: 2, seq: 2 } }]);
    expect(await listOf(late)).toMatchObject([{ data: { count: 2, seq: 4 } }]);
  });

  it('a membership of an earlier log continues in the next one', async () => {
    const conversation = new Conversation(write);
    conversation.create();
    await record();
    log = await FakeLog.begin(database.dataSource, { epoch: ++epoch });
    conversation.send(conversation.members[0]!);
    expect((await record()).events).toMatchObject([{ event: { epoch, offset: 0 }, audience: { length: 2 } }]);
  });
});

describe('notifications', () => {
  it('a message is one notification to every member but its sender, with the name of the sender as title', async () => {
    const conversation = new Conversation(write, [newId(), newId(), newId()]);
    const [ann, bob, cleo] = conversation.members as [string, string, string];
    conversation.create();
    register(write, ann, { username: 'ann', firstName: 'Ann', lastName: 'Arbor' });
    const sent = conversation.send(ann, 'x'.repeat(300)) as { payload: { messageId: string } };
    const { notifications: published } = await record();
    expect(await listOf(ann)).toEqual([]);
    expect(await listOf(cleo)).toHaveLength(1);
    const [one] = await listOf(bob);
    expect(one).toEqual({
      id: expect.any(String),
      userId: bob,
      type: 'MESSAGE',
      title: 'Ann Arbor',
      message: `${'x'.repeat(139)}…`,
      data: { conversationId: conversation.id, messageId: sent.payload.messageId, seq: 1, senderId: ann, count: 1 },
      read: false,
      createdAt: expect.stringMatching(/Z$/),
    });
    expect(published.find(({ userId }) => userId === bob)).toEqual(one);
  });

  it('the newest name is shown, whichever topic it came from and however late', async () => {
    const conversation = new Conversation(write);
    const [ann, bob] = conversation.members as [string, string];
    conversation.create();
    conversation.send(ann);
    await record();
    expect(await listOf(bob)).toMatchObject([{ title: 'New message' }]);
    const profile = { userId: ann, username: 'ann', bio: null, location: null, website: null, isPublic: true };
    log.write('ProfileUpdated', ann, { ...profile, firstName: 'Ann', lastName: null, updatedAt: '2026-01-02T00:00:00.000Z' });
    await record();
    expect(await listOf(bob)).toMatchObject([{ title: 'Ann' }]);
    register(write, ann, { username: 'ann', registeredAt: '2026-01-01T00:00:00.000Z' });
    await record();
    expect(await listOf(bob)).toMatchObject([{ title: 'Ann' }]);
    log.write('ProfileUpdated', ann, { ...profile, firstName: null, lastName: null, updatedAt: '2026-01-03T00:00:00.000Z' });
    log.write('ProfileUpdated', ann, { ...profile, firstName: 'Anna', lastName: null, updatedAt: '2026-01-04T00:00:00.000Z' });
    await record();
    expect(await listOf(bob)).toMatchObject([{ title: 'Anna' }]);
  });

  it('unread messages of a conversation are one notification, across batches too', async () => {
    const conversation = new Conversation(write);
    const [ann, bob] = conversation.members as [string, string];
    conversation.create();
    conversation.send(ann);
    conversation.send(ann);
    const [before] = (await record()).notifications;
    conversation.send(ann, 'newest');
    const { notifications: published } = await record();
    expect(published).toMatchObject([{ id: before!.id, data: { count: 3 } }]);
    expect(await listOf(bob)).toMatchObject([{ id: before!.id, message: 'newest', data: { count: 3, seq: 3 } }]);
    expect(await notifications.countUnread(bob)).toBe(1);
  });

  it('reading the conversation marks its notification as read, and the next message creates a new one', async () => {
    const conversation = new Conversation(write);
    const [ann, bob] = conversation.members as [string, string];
    conversation.create();
    conversation.send(ann);
    await record();
    conversation.read(bob);
    await record();
    expect(await notifications.countUnread(bob)).toBe(0);
    conversation.send(ann);
    conversation.send(ann);
    conversation.read(bob, 2);
    await record();
    expect(await listOf(bob)).toMatchObject([
      { read: false, data: { seq: 3, count: 1 } },
      { read: true, data: { seq: 1, count: 1 } },
    ]);
  });

  it('answering marks the notification as read', async () => {
    const conversation = new Conversation(write);
    const [ann, bob] = conversation.members as [string, string];
    conversation.create();
    conversation.send(ann);
    await record();
    conversation.send(bob);
    await record();
    expect(await listOf(bob)).toMatchObject([{ read: true }]);
    expect(await listOf(ann)).toMatchObject([{ read: false, data: { seq: 2, count: 1 } }]);
  });

  it('a message and its read receipt in one batch are read, and the next message is unread', async () => {
    const conversation = new Conversation(write);
    const [ann, bob] = conversation.members as [string, string];
    conversation.create();
    conversation.send(ann);
    conversation.read(bob);
    conversation.send(ann);
    await record();
    expect((await listOf(bob)).map(({ read, data }) => [read, data!['seq']])).toEqual([
      [false, 2],
      [true, 1],
    ]);
  });

  it('after a notification is marked as read or deleted, the next message creates a new one', async () => {
    const conversation = new Conversation(write);
    const [ann, bob] = conversation.members as [string, string];
    conversation.create();
    conversation.send(ann);
    const [first] = (await record()).notifications;
    expect(await notifications.markRead(bob, first!.id)).toMatchObject({ id: first!.id, read: true });
    conversation.send(ann);
    const [second] = (await record()).notifications;
    expect(second).toMatchObject({ data: { count: 1, seq: 2 } });
    await notifications.delete(bob, second!.id);
    conversation.send(ann);
    expect((await record()).notifications).toMatchObject([{ data: { count: 1, seq: 3 } }]);
    expect(await listOf(bob)).toHaveLength(2);
  });

  it('the notification of another user is not found', async () => {
    const conversation = new Conversation(write);
    const [ann] = conversation.members as [string];
    conversation.create();
    conversation.send(ann);
    const [one] = (await record()).notifications;
    await expect(notifications.markRead(ann, one!.id)).rejects.toMatchObject({ kind: 'not-found' });
    await expect(notifications.delete(ann, one!.id)).rejects.toMatchObject({ kind: 'not-found' });
    await expect(notifications.delete(ann, newId())).rejects.toMatchObject({ kind: 'not-found' });
  });

  it('pages are sorted from newest to oldest, with totals that follow the filter', async () => {
    const bob = newId();
    const conversations = Array.from({ length: 5 }, () => new Conversation(write, [newId(), bob]));
    for (const conversation of conversations) {
      conversation.create();
      conversation.send(conversation.members[0]!);
      await record();
    }
    conversations[4]!.read(bob);
    await record();
    const page = await notifications.list(bob, { page: 1, limit: 2, unreadOnly: true });
    expect(page).toMatchObject({ total: 4, totalPages: 2, page: 1, limit: 2, unreadCount: 4 });
    expect(page.data.map(({ data }) => data!['conversationId'])).toEqual([conversations[3]!.id, conversations[2]!.id]);
    expect(await notifications.list(bob, { page: 3, limit: 2, unreadOnly: false })).toMatchObject({
      total: 5,
      totalPages: 3,
      data: { length: 1 },
      unreadCount: 4,
    });
    await notifications.markAllRead(bob);
    expect(await notifications.list(bob, { page: 1, limit: 2, unreadOnly: true })).toMatchObject({
      total: 0,
      totalPages: 0,
      data: [],
      unreadCount: 0,
    });
  });

  it('requests of users and the consumer at the same time lose no message', async () => {
    const conversations = Array.from({ length: 5 }, () => new Conversation(write));
    for (const conversation of conversations) conversation.create();
    await record();
    const writing = new AbortController();
    const requests = conversations.map(async ({ members: [, bob] }) => {
      while (!writing.signal.aborted) {
        await notifications.markAllRead(bob!);
        for (const { id } of await listOf(bob!)) await notifications.markRead(bob!, id);
      }
    });
    for (let i = 0; i < 40; i++) {
      for (const conversation of conversations) conversation.send(conversation.members[0]!);
      await record();
    }
    writing.abort();
    await Promise.all(requests);
    for (const conversation of conversations) {
      const list = await listOf(conversation.members[1]!);
      expect(list.reduce((sum, { data }) => sum + (data!['count'] as number), 0)).toBe(40);
    }
  });
});
