import type { FeedEvent, FeedPage, FeedPosition } from '@chat/shared/contracts';
import { expect, it } from 'vitest';
import { EventStream, type FeedSource, StreamExpiredError, type StreamStep } from './event-stream.js';

const UNLIMITED = { reserve: () => true, release: () => undefined };

function feedEvent(partition: number, offset: number, epoch = 1): FeedEvent {
  return { epoch, partition, offset, type: 'MessageCreated', eventId: `${partition}:${offset}`, conversationId: 'c', payload: {} as never };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

class ScriptedFeed implements FeedSource {
  pages: FeedPage[] = [];
  failing: unknown = null;
  reads = 0;
  async head(): Promise<FeedPosition> {
    if (this.failing) throw this.failing;
    return { epoch: 1, offsets: [5, 5] };
  }
  async replay(): Promise<FeedPage> {
    this.reads += 1;
    if (this.failing) throw this.failing;
    const page = this.pages.shift();
    if (!page) throw new Error('no more pages');
    return page;
  }
  async reaches(): Promise<boolean> {
    return true;
  }
  isTransient(): boolean {
    return false;
  }
}

async function take(events: AsyncGenerator<StreamStep>, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < count; n += 1) {
    const { value } = await events.next();
    if (value?.kind === 'event') ids.push(value.event.eventId);
  }
  return ids;
}

it('a stream without a cursor begins at the current end of the feed', async () => {
  const stream = new EventStream(new ScriptedFeed(), UNLIMITED);
  stream.push(feedEvent(0, 5));
  stream.push(feedEvent(0, 6));
  expect(await stream.open(null)).toEqual({ kind: 'opened', recovered: true, position: { epoch: 1, offsets: [5, 5] } });
  expect(await take(stream.events(), 1)).toEqual(['0:6']);
});

it('a stream with an expired position reports it and continues live from the current end', async () => {
  const feed = new ScriptedFeed();
  feed.pages = [{ recovered: false, events: [], position: { epoch: 2, offsets: [9] }, done: true }];
  const stream = new EventStream(feed, UNLIMITED);
  const opened = await stream.open({ epoch: 1, offsets: [3] });
  expect(opened).toEqual({ kind: 'opened', recovered: false, position: { epoch: 2, offsets: [9] } });
  stream.push(feedEvent(0, 9, 2));
  stream.push(feedEvent(0, 10, 2));
  expect(await take(stream.events(), 1)).toEqual(['0:10']);
});

it('an open stream fails when the log begins anew, so that no gap stays hidden', async () => {
  const feed = new ScriptedFeed();
  const stream = new EventStream(feed, UNLIMITED);
  await stream.open(null);
  feed.pages = [{ recovered: false, events: [], position: { epoch: 2, offsets: [0, -1] }, done: true }];
  stream.push(feedEvent(0, 0, 2));
  await expect(stream.events().next()).rejects.toThrow(StreamExpiredError);
});

it('a full queue is discarded, and its events are read from the feed', async () => {
  const feed = new ScriptedFeed();
  const stream = new EventStream(feed, UNLIMITED, { queue: { items: 2, characters: 1000 } });
  await stream.open(null);
  for (const offset of [6, 7, 8]) stream.push(feedEvent(0, offset));
  feed.pages = [
    { recovered: true, events: [6, 7, 8].map((offset) => feedEvent(0, offset)), position: { epoch: 1, offsets: [8, 5] }, done: true },
  ];
  expect(await take(stream.events(), 3)).toEqual(['0:6', '0:7', '0:8']);
  expect(feed.reads).toBe(1);
});

it('a queue whose texts are too long is discarded and read from the feed, and accepts no live events until then', async () => {
  const feed = new ScriptedFeed();
  const stream = new EventStream(feed, UNLIMITED, { queue: { items: 1000, characters: 1000 } });
  await stream.open(null);
  const events = stream.events();
  for (const offset of [6, 7, 8]) {
    stream.push(feedEvent(0, offset), 900);
    expect(await take(events, 1)).toEqual([`0:${offset}`]);
  }
  // A text that is longer than the queue may be is accepted if it is the only one.
  stream.push(feedEvent(0, 9), 2000);
  expect(stream.acceptsLive).toBe(true);
  stream.push(feedEvent(0, 10), 1);
  expect(stream.acceptsLive).toBe(false);
  stream.push(feedEvent(0, 11), 1);
  feed.pages = [
    { recovered: true, events: [9, 10, 11].map((offset) => feedEvent(0, offset)), position: { epoch: 1, offsets: [11, 5] }, done: true },
  ];
  expect(await take(events, 3)).toEqual(['0:9', '0:10', '0:11']);
  expect(feed.reads).toBe(1);
  expect(stream.acceptsLive).toBe(true);
});

it('open fails at once when the feed rejects it, and after its timeout when the feed stays unavailable', async () => {
  const feed = new ScriptedFeed();
  feed.failing = new Error('refused');
  await expect(new EventStream(feed, UNLIMITED).open(null)).rejects.toThrow('refused');
  feed.isTransient = () => true;
  await expect(new EventStream(feed, UNLIMITED, { openTimeoutMs: 300 }).open({ epoch: 1, offsets: [] })).rejects.toThrow('refused');
});

it('a closed stream ends at once, also while it waits for an event', async () => {
  const stream = new EventStream(new ScriptedFeed(), UNLIMITED);
  await stream.open(null);
  const next = stream.events().next();
  stream.close();
  expect(await next).toEqual({ done: true, value: undefined });
});

it('ends without an error when it is closed while the feed is unavailable', async () => {
  const { promise: failed, reject: fail } = Promise.withResolvers<FeedPage>();
  const source: FeedSource = {
    head: () => Promise.resolve({ epoch: 1, offsets: [] }),
    replay: () => failed,
    reaches: () => Promise.resolve(true),
    isTransient: () => true,
  };
  const stream = new EventStream(source, UNLIMITED);
  await stream.open(null);
  stream.resync();
  const next = stream.events().next();
  await turn();
  stream.close();
  fail(new Error('unavailable'));
  expect(await next).toEqual({ done: true, value: undefined });
});
