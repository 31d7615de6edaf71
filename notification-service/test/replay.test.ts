import type { FeedPage, FeedPosition } from '@chat/shared/contracts';
import { newId } from '@chat/shared/database';
import { silentLog } from '@chat/shared/observability';
import type { ReceivedEvent } from '@chat/shared/consumer';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { recordBatch } from '../src/feed/record-batch.js';
import { FeedReplay } from '../src/feed/replay.js';
import { FeedRetention } from '../src/feed/retention.js';
import { maySee, type Membership } from '../src/feed/membership.js';
import { Conversation } from './kit/events.js';
import { FakeLog, feedLog } from './kit/fake-log.js';
import { createFeedDatabase, type FeedDatabase } from './kit/feed-database.js';

let database: FeedDatabase;
let replay: FeedReplay;
let log: FakeLog;
let epoch = 0;

beforeAll(async () => {
  database = await createFeedDatabase();
  replay = new FeedReplay(database.dataSource, feedLog);
});
afterAll(() => database?.close());
beforeEach(async () => {
  log = await FakeLog.begin(database.dataSource, { epoch: ++epoch, partitions: 3 });
});

const write: FakeLog['write'] = (...args) => log.write(...args);
const record = () => recordBatch(database.dataSource, feedLog, log.batch());
const beginning = (): FeedPosition => ({ epoch, offsets: [-1, -1, -1] });

async function page(userId: string, after: FeedPosition, limit = 500): Promise<FeedPage> {
  return JSON.parse(await replay.page(userId, { after, limit })) as FeedPage;
}

async function allPages(userId: string, after: FeedPosition, limit: number): Promise<FeedPage[]> {
  const pages: FeedPage[] = [];
  do pages.push(await page(userId, pages.at(-1)?.position ?? after, limit));
  while (!pages.at(-1)!.done);
  return pages;
}

/** Pseudo-random numbers that are the same in every run. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

describe('replay', () => {
  it('returns an event as it was published', async () => {
    const conversation = new Conversation(write);
    conversation.create();
    const sent = conversation.send(
      conversation.members[0]!,
      'quotes " and \\ and \n and 😀 and \u0001 %s {0} $1',
    ) as ReceivedEvent<'MessageCreated'>;
    await record();
    const { events, recovered, done } = await page(conversation.members[1]!, beginning());
    expect({ recovered, done }).toEqual({ recovered: true, done: true });
    const { type, partition, offset, eventId, payload } = sent;
    expect(events[1]).toEqual({ epoch, partition, offset, type, eventId, conversationId: conversation.id, payload });
  });

  it.each([1, 2, 3])('pages of any size equal the log, filtered by membership (%i)', async (seed) => {
    const random = randomNumbers(seed);
    const users = Array.from({ length: 5 }, () => newId());
    const conversations = Array.from({ length: 12 }, () => new Conversation(write, [users[random(5)]!, newId()]));
    const records: ReceivedEvent[] = [];
    const memberships: Membership[] = [];
    for (const conversation of conversations) records.push(conversation.create() as ReceivedEvent);
    for (let i = 0; i < 600; i++) records.push(conversations[random(random(12) + 1)]!.send(users[0]!) as ReceivedEvent);
    await record();
    const { dataSource } = database;
    await dataSource.query('delete from memberships where conversation_id = any($1)', [conversations.map(({ id }) => id)]);
    for (const { id: conversationId } of conversations) {
      for (const userId of users) {
        for (let from = 0; random(3) > 0 && from < 200;) {
          const [fromOffset, untilOffset] = [from + random(40), from + 40 + random(40)];
          const isOpen = random(3) === 0;
          memberships.push({
            conversationId,
            userId,
            fromEpoch: epoch,
            fromOffset,
            untilEpoch: isOpen ? null : epoch,
            untilOffset: isOpen ? null : untilOffset,
          });
          from = untilOffset + 1;
          if (isOpen) break;
        }
      }
    }
    for (const m of memberships)
      await dataSource.query('insert into memberships values ($1, $2, $3, $4, $5, $6)', [
        m.conversationId,
        m.userId,
        m.fromEpoch,
        m.fromOffset,
        m.untilEpoch,
        m.untilOffset,
      ]);
    const end = await replay.endPosition();

    for (let round = 0; round < 20; round++) {
      const userId = users[random(5)]!;
      const after = { epoch, offsets: end.offsets.map((offset) => random(offset + 2) - 1) };
      const limit = 1 + random(60);
      const mine = memberships.filter((m) => m.userId === userId);
      const expected = records
        .filter(({ partition, offset }) => offset > after.offsets[partition]!)
        .filter((r) => mine.some((m) => m.conversationId === (r.payload as { conversationId: string }).conversationId && maySee(m, r)));
      const pages = await allPages(userId, after, limit);
      for (const { events, recovered } of pages) {
        expect(recovered).toBe(true);
        expect(events.length).toBeLessThanOrEqual(limit);
      }
      const events = pages.flatMap((p) => p.events);
      for (const partition of [0, 1, 2]) {
        const idsOf = (list: { partition: number; eventId: string }[]) =>
          list.filter((e) => e.partition === partition).map(({ eventId }) => eventId);
        expect(idsOf(events)).toEqual(idsOf(expected));
      }
      expect(pages.at(-1)!.position).toEqual(end);
      // Every position on the way is exact: no event before it is left out, no event after it was returned.
      for (const { position, events: given } of pages)
        for (const { partition, offset } of given) expect(offset).toBeLessThanOrEqual(position.offsets[partition]!);
    }
  });

  it('a page is done only at the end, also for a user that sees no event', async () => {
    const conversation = new Conversation(write);
    conversation.create();
    for (let i = 0; i < 5; i++) conversation.send(conversation.members[0]!);
    await record();
    const end = await replay.endPosition();
    const full = await page(conversation.members[0]!, beginning(), 6);
    expect(full).toMatchObject({ events: { length: 6 } });
    expect(full.done).toBe(full.position.offsets.every((offset, i) => offset === end.offsets[i]));
    expect(await page(newId(), beginning())).toEqual({ recovered: true, events: [], position: end, done: true });
    expect(await page(conversation.members[0]!, end)).toEqual({ recovered: true, events: [], position: end, done: true });
  });

  it('very long messages result in smaller pages, none is left out', async () => {
    const conversation = new Conversation(write);
    conversation.create();
    for (let i = 0; i < 300; i++) conversation.send(conversation.members[0]!, '€'.repeat(8000));
    await record();
    const pages = await allPages(conversation.members[1]!, beginning(), 500);
    expect(pages.map(({ events }) => events.length).every((n) => n < 200)).toBe(true);
    const seqs = pages.flatMap(({ events }) => events).flatMap(({ payload }) => ('seq' in payload ? [payload.seq] : []));
    expect(seqs).toEqual(Array.from({ length: 300 }, (_, i) => i + 1));
  });

  it('a user with one old event in a long feed is answered in steps, each at a later position', async () => {
    const rare = new Conversation(write);
    rare.create();
    await record();
    const partition = log.partitionOf(rare.id);
    const { dataSource } = database;
    // A feed with many records of other users, without their rows: only the distance matters.
    await dataSource.query('update consumer_positions set next_offset = 20000000 where epoch = $1 and partition = $2', [epoch, partition]);
    const pages = await allPages(rare.members[0]!, beginning(), 500);
    expect(pages.length).toBeGreaterThan(1);
    expect(pages.flatMap(({ events }) => events)).toHaveLength(1);
    expect(pages.at(-1)!.position).toEqual(await replay.endPosition());
  });

  it('a position of another log is not recovered: the answer is the present end position', async () => {
    const conversation = new Conversation(write);
    conversation.create();
    await record();
    const old = await replay.endPosition();
    log = await FakeLog.begin(database.dataSource, { epoch: ++epoch, partitions: 4 });
    conversation.send(conversation.members[0]!);
    await record();
    const end = await replay.endPosition();
    expect(end.offsets).toHaveLength(4);
    expect(await page(conversation.members[0]!, old)).toEqual({ recovered: false, events: [], position: end, done: true });
    expect(await page(conversation.members[0]!, { epoch: epoch + 1, offsets: end.offsets })).toMatchObject({
      recovered: false,
      position: end,
    });
  });

  it('a position beyond the end is not recovered, one with another number of partitions is rejected', async () => {
    const conversation = new Conversation(write);
    conversation.create();
    await record();
    const end = await replay.endPosition();
    const beyond = { epoch, offsets: end.offsets.map((offset) => offset + 1) };
    expect(await page(conversation.members[0]!, beyond)).toEqual({ recovered: false, events: [], position: end, done: true });
    await expect(page(conversation.members[0]!, { epoch, offsets: [-1, -1] })).rejects.toMatchObject({ kind: 'invalid' });
    await expect(page(conversation.members[0]!, { epoch, offsets: [-1, -1, -1, -1] })).rejects.toMatchObject({ kind: 'invalid' });
  });
});

describe('retention', () => {
  it('purges the oldest events in chunks; a position before the last purged event is not recovered, one at it is', async () => {
    const conversation = new Conversation(write);
    const [ann] = conversation.members as [string];
    const partition = log.partitionOf(conversation.id);
    conversation.create();
    for (let i = 0; i < 20; i++) conversation.send(ann);
    await record();
    const { dataSource } = database;
    await dataSource.query(
      `update feed_events set recorded_at = now() - interval '31 days' where epoch = $1 and partition = $2 and ("offset" < 12 or "offset" = 15)`,
      [epoch, partition],
    );
    const retention = new FeedRetention(dataSource, feedLog, 30, silentLog);
    expect(await retention.purge(undefined, 5)).toBe(12);
    expect(await retention.purge()).toBe(0);

    const at = (offset: number) => ({ epoch, offsets: [0, 1, 2].map((p) => (p === partition ? offset : -1)) });
    expect(await page(ann, at(10))).toMatchObject({ recovered: false, events: [], position: await replay.endPosition(), done: true });
    expect(await page(ann, at(-1))).toMatchObject({ recovered: false });
    const { recovered, events } = await page(ann, at(11));
    expect(recovered).toBe(true);
    expect(events.map(({ offset }) => offset)).toEqual([12, 13, 14, 15, 16, 17, 18, 19, 20]);
  });
});

describe('the end position', () => {
  it('is the last committed offset of each partition', async () => {
    const conversation = new Conversation(write);
    expect(await replay.endPosition()).toEqual(beginning());
    conversation.create();
    expect(await replay.endPosition()).toEqual(beginning());
    await record();
    expect((await replay.endPosition()).offsets[log.partitionOf(conversation.id)]).toBe(0);
  });

  it('is unknown before the log was ever read', async () => {
    const { dataSource } = database;
    await dataSource.query('delete from consumer_epochs');
    await expect(replay.endPosition()).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(page(newId(), beginning())).rejects.toMatchObject({ kind: 'unavailable' });
  });
});
