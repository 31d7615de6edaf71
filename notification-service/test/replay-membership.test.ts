import type { FeedPage, FeedPosition } from '@chat/shared/contracts';
import type { ReceivedEvent } from '@chat/shared/consumer';
import { newId } from '@chat/shared/database';
import { expect, it } from 'vitest';
import { maySee, type Membership } from '../src/feed/membership.js';
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

/** A former member sees the event that ended the membership, and no other one. */
function isReplayed(membership: Membership, { offset, ...position }: ReceivedEvent): boolean {
  return maySee(membership, { offset, ...position }) && (membership.untilOffset === null || membership.untilOffset === offset);
}

/** Pseudo-random numbers that are the same in every run. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

it.each([1, 2, 3])('pages of any size equal the log, filtered by present memberships and the ends of former ones (%i)', async (seed) => {
  const random = randomNumbers(seed);
  const users = Array.from({ length: 5 }, () => newId());
  const conversations = Array.from({ length: 12 }, () => new Conversation(write, [users[random(5)]!, newId()]));
  const records: ReceivedEvent[] = [];
  const memberships: Membership[] = [];
  for (const conversation of conversations) records.push(conversation.create() as ReceivedEvent);
  for (let i = 0; i < 600; i++) records.push(conversations[random(random(12) + 1)]!.send(users[0]!) as ReceivedEvent);
  await record();
  const { dataSource } = feed;
  await dataSource.query('delete from memberships where conversation_id = any($1)', [conversations.map(({ id }) => id)]);
  for (const { id: conversationId } of conversations) {
    for (const userId of users) {
      for (let from = 0; random(3) > 0 && from < 200;) {
        const [fromOffset, untilOffset] = [from + random(40), from + 40 + random(40)];
        const isOpen = random(3) === 0;
        memberships.push({
          conversationId,
          userId,
          fromEpoch: feed.epoch,
          fromOffset,
          untilEpoch: isOpen ? null : feed.epoch,
          untilOffset: isOpen ? null : untilOffset,
          fromSeq: 0,
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
  const end = await feed.replay.endPosition();

  for (let round = 0; round < 20; round++) {
    const userId = users[random(5)]!;
    const after = { epoch: feed.epoch, offsets: end.offsets.map((offset) => random(offset + 2) - 1) };
    const limit = 1 + random(60);
    const mine = memberships.filter((m) => m.userId === userId);
    const expected = records
      .filter(({ partition, offset }) => offset > after.offsets[partition]!)
      .filter((r) => mine.some((m) => m.conversationId === (r.payload as { conversationId: string }).conversationId && isReplayed(m, r)));
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
