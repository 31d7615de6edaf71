import type { FeedEvent, FeedPosition } from '@chat/shared/contracts';
import { silentLog } from '@chat/shared/observability';
import { expect, it } from 'vitest';
import type { NotificationClient } from '../clients/notification.client.js';
import { FeedEnd, type LiveEvent } from './feed-end.js';

const OPEN = new AbortController().signal;

function live(offset: number, { epoch = 1, partition = 0, receivedAt = performance.now() } = {}): LiveEvent {
  return { event: { epoch, partition, offset } as FeedEvent, receivedAt };
}

/** A feed with this end, and how often it was read. */
function feedWith(offset: number) {
  const feed = { end: { epoch: 1, offsets: [offset] } as FeedPosition, reads: 0, failures: 0 };
  const getFeedEndPosition = async () => {
    feed.reads += 1;
    if (feed.reads <= feed.failures) throw new Error('unavailable');
    return feed.end;
  };
  const feedEnd = new FeedEnd({ getFeedEndPosition } as unknown as NotificationClient, silentLog);
  return { feed, feedEnd, reaches: (event: LiveEvent, ended = OPEN) => feedEnd.reaches(event, 'token', ended) };
}

it('one read of the end answers for all events that were received before it', async () => {
  const { feed, reaches } = feedWith(50_000);
  const receivedAt = performance.now();
  const offsets = Array.from({ length: 200 }, (_, n) => n * 1000);
  const answers = await Promise.all(offsets.map((offset) => reaches(live(offset, { receivedAt }))));
  expect(answers).toEqual(offsets.map((offset) => offset <= 60_000));
  expect(await reaches(live(60_001, { receivedAt }))).toBe(false);
  expect(feed.reads).toBe(1);
});

it('events that are believed do not move the known end', async () => {
  const { feed, feedEnd, reaches } = feedWith(0);
  await feedEnd.read('token');
  expect(await reaches(live(10_000))).toBe(true);
  expect(feed.reads).toBe(1);
  expect(await reaches(live(20_000))).toBe(false);
  expect(feed.reads).toBe(2);
});

it('another partition or a later epoch is in the feed only if its end says so', async () => {
  const { feed, reaches } = feedWith(0);
  expect(await reaches(live(0, { partition: 1 }))).toBe(false);
  expect(await reaches(live(0, { epoch: 2 }))).toBe(false);
  feed.end = { epoch: 2, offsets: [0, 0] };
  expect(await reaches(live(0, { epoch: 2, partition: 1 }))).toBe(true);
});

it('the end is read again until it is available, or until the stream has ended', async () => {
  const { feed, reaches } = feedWith(0);
  feed.failures = 2;
  expect(await reaches(live(1))).toBe(true);
  expect(feed.reads).toBe(3);
  feed.failures = Infinity;
  const ended = new AbortController();
  const answer = reaches(live(20_000), ended.signal);
  ended.abort();
  expect(await answer).toBe(false);
});
