import type { FeedPage, FeedPosition } from '@chat/shared/contracts';
import type { ReceivedEvent } from '@chat/shared/consumer';
import { newId } from '@chat/shared/database';
import { describe, expect, it } from 'vitest';
import { Conversation } from './kit/events.js';
import { useFeed } from './kit/use-feed.js';

const feed = useFeed({ partitions: 3 });
const { write, record, page } = feed;

async function allPages(userId: string, after: FeedPosition, limit: number): Promise<FeedPage[]> {
  const pages: FeedPage[] = [];
  do pages.push(await page(userId, pages.at(-1)?.position ?? after, limit));
  while (!pages.at(-1)!.done);
  return pages;
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
    const { events, recovered, done } = await page(conversation.members[1]!, feed.beginning());
    expect({ recovered, done }).toEqual({ recovered: true, done: true });
    const { type, partition, offset, eventId, payload } = sent;
    expect(events[1]).toEqual({ epoch: feed.epoch, partition, offset, type, eventId, conversationId: conversation.id, payload });
  });

  it('a page is done only at the end, also for a user that sees no event', async () => {
    const conversation = new Conversation(write);
    conversation.create();
    for (let i = 0; i < 5; i++) conversation.send(conversation.members[0]!);
    await record();
    const end = await feed.replay.endPosition();
    const full = await page(conversation.members[0]!, feed.beginning(), 6);
    expect(full).toMatchObject({ events: { length: 6 } });
    expect(full.done).toBe(full.position.offsets.every((offset, i) => offset === end.offsets[i]));
    expect(await page(newId(), feed.beginning())).toEqual({ recovered: true, events: [], position: end, done: true });
    expect(await page(conversation.members[0]!, end)).toEqual({ recovered: true, events: [], position: end, done: true });
  });

  it('very long messages result in smaller pages, none is left out', async () => {
    const conversation = new Conversation(write);
    conversation.create();
    for (let i = 0; i < 300; i++) conversation.send(conversation.members[0]!, '€'.repeat(8000));
    await record();
    const pages = await allPages(conversation.members[1]!, feed.beginning(), 500);
    expect(pages.map(({ events }) => events.length).every((n) => n < 200)).toBe(true);
    const seqs = pages.flatMap(({ events }) => events).flatMap(({ payload }) => ('seq' in payload ? [payload.seq] : []));
    expect(seqs).toEqual(Array.from({ length: 300 }, (_, i) => i + 1));
  });

  it('a user with one old event in a long feed is answered in steps, each at a later position', async () => {
    const rare = new Conversation(write);
    rare.create();
    await record();
    const partition = feed.log.partitionOf(rare.id);
    const { dataSource } = feed;
    // A feed with many records of other users, without their rows: only the distance matters.
    await dataSource.query('update consumer_positions set next_offset = 20000000 where epoch = $1 and partition = $2', [
      feed.epoch,
      partition,
    ]);
    const pages = await allPages(rare.members[0]!, feed.beginning(), 500);
    expect(pages.length).toBeGreaterThan(1);
    expect(pages.flatMap(({ events }) => events)).toHaveLength(1);
    expect(pages.at(-1)!.position).toEqual(await feed.replay.endPosition());
  });

  it('a position of another log is not recovered: the answer is the present end position', async () => {
    const conversation = new Conversation(write);
    conversation.create();
    await record();
    const old = await feed.replay.endPosition();
    await feed.beginLog(4);
    conversation.send(conversation.members[0]!);
    await record();
    const end = await feed.replay.endPosition();
    expect(end.offsets).toHaveLength(4);
    expect(await page(conversation.members[0]!, old)).toEqual({ recovered: false, events: [], position: end, done: true });
    expect(await page(conversation.members[0]!, { epoch: feed.epoch + 1, offsets: end.offsets })).toMatchObject({
      recovered: false,
      position: end,
    });
  });

  it('a position beyond the end is not recovered, one with another number of partitions is rejected', async () => {
    const conversation = new Conversation(write);
    conversation.create();
    await record();
    const end = await feed.replay.endPosition();
    const beyond = { epoch: feed.epoch, offsets: end.offsets.map((offset) => offset + 1) };
    expect(await page(conversation.members[0]!, beyond)).toEqual({ recovered: false, events: [], position: end, done: true });
    await expect(page(conversation.members[0]!, { epoch: feed.epoch, offsets: [-1, -1] })).rejects.toMatchObject({ kind: 'invalid' });
    await expect(page(conversation.members[0]!, { epoch: feed.epoch, offsets: [-1, -1, -1, -1] })).rejects.toMatchObject({
      kind: 'invalid',
    });
  });
});

describe('the end position', () => {
  it('is the last committed offset of each partition', async () => {
    const conversation = new Conversation(write);
    expect(await feed.replay.endPosition()).toEqual(feed.beginning());
    conversation.create();
    expect(await feed.replay.endPosition()).toEqual(feed.beginning());
    await record();
    expect((await feed.replay.endPosition()).offsets[feed.log.partitionOf(conversation.id)]).toBe(0);
  });

  it('is unknown before the log was ever read', async () => {
    const { dataSource } = feed;
    await dataSource.query('delete from consumer_epochs');
    await expect(feed.replay.endPosition()).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(page(newId(), feed.beginning())).rejects.toMatchObject({ kind: 'unavailable' });
  });
});
