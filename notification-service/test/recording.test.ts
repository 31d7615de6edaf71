import { PositionConflictError } from '@chat/shared/consumer';
import { newId } from '@chat/shared/database';
import { describe, expect, it } from 'vitest';
import { Conversation } from './kit/events.js';
import { useFeed } from './kit/use-feed.js';

const feed = useFeed();
const { write, record, listOf } = feed;

const countFeedRows = async (conversation: Conversation): Promise<number> => {
  const [row] = await feed.dataSource.query('select count(*)::int as n from feed_events where conversation_id = $1', [conversation.id]);
  return row.n;
};

describe('recording a batch', () => {
  it('stores events at their positions, and returns the users that may see them', async () => {
    const conversation = new Conversation(write);
    const created = feed.log.write('ConversationCreated', conversation.id, {
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

  it('an event of a group that is not known reaches no user: its creation may be older than the log', async () => {
    const conversation = new Conversation(write, [newId(), newId(), newId()]);
    const [ann, bob] = conversation.members as [string, string, string];
    conversation.send(ann);
    const { events, notifications } = await record();
    expect(events.map(({ audience }) => audience)).toEqual([[]]);
    expect(notifications).toEqual([]);
    for (const user of [ann, bob]) expect(await feed.replayedTo(user)).toEqual([]);
  });

  it('a redelivered batch is rejected as a whole, and stores nothing again', async () => {
    const conversation = new Conversation(write);
    conversation.create();
    conversation.send(conversation.members[0]!);
    const batch = feed.log.batch();
    await record(batch);
    await expect(record(batch)).rejects.toBeInstanceOf(PositionConflictError);
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
    const memberships = await feed.dataSource.query('select 1 from memberships where conversation_id = $1', [conversation.id]);
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
    const batch = feed.log.batch();
    batch.storePositions = () => Promise.reject(new PositionConflictError());
    await expect(record(batch)).rejects.toBeInstanceOf(PositionConflictError);
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
    await feed.dataSource.query('update memberships set until_epoch = $1, until_offset = $2 where conversation_id = $3 and user_id = $4', [
      feed.epoch,
      offsets[1],
      conversation.id,
      bob,
    ]);
    await feed.dataSource.query('insert into memberships (conversation_id, user_id, from_epoch, from_offset) values ($1, $2, $3, $4)', [
      conversation.id,
      late,
      feed.epoch,
      offsets[2],
    ]);
    await feed.dataSource.query('insert into read_states (conversation_id, user_id) values ($1, $2)', [conversation.id, late]);
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
    await feed.beginLog();
    conversation.send(conversation.members[0]!);
    expect((await record()).events).toMatchObject([{ event: { epoch: feed.epoch, offset: 0 }, audience: { length: 2 } }]);
  });
});
