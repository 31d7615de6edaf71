import type { FeedEvent, FeedPage, FeedPosition } from '@chat/shared/contracts';
import { expect, it } from 'vitest';
import { EventStream, type FeedSource } from './event-stream.js';
import type { LiveEvent } from './feed-end.js';

const PARTITIONS = 3;
const HIDDEN = 'of others';
const FORGED = 'not in the feed';
const UNLIMITED = { reserve: () => true, release: () => undefined };
const isVisible = (event: FeedEvent) => event.conversationId !== HIDDEN;

function feedEvent(partition: number, offset: number): FeedEvent {
  return {
    epoch: 1,
    partition,
    offset,
    type: 'MessageCreated',
    eventId: `${partition}:${offset}`,
    conversationId: 'c',
    payload: {} as never,
  };
}

/** A small seeded generator (mulberry32), so that an interleaving can be repeated. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A model of the feed of notification-service, with slow answers and occasional failures. */
class ModelFeed implements FeedSource {
  readonly log: FeedEvent[][] = Array.from({ length: PARTITIONS }, () => []);
  /** Offsets of events that the user may not see leave gaps. */
  readonly #next = Array.from({ length: PARTITIONS }, () => 0);
  failures = 0;

  constructor(readonly random: (below: number) => number) {}

  /** Some events are not visible to the user: they have a position in the log, and pages omit them. */
  append(): FeedEvent {
    const partition = this.random(PARTITIONS);
    this.#next[partition] = (this.#next[partition] as number) + 1 + this.random(3);
    const event = feedEvent(partition, this.#next[partition] as number);
    if (this.random(3) === 0) event.conversationId = HIDDEN;
    this.log[partition]?.push(event);
    return event;
  }

  async #slowly<T>(answer: () => T): Promise<T> {
    for (let n = this.random(4); n > 0; n -= 1) await turn();
    if (this.random(10) === 0) {
      this.failures += 1;
      throw new Error('unavailable');
    }
    const value = answer();
    for (let n = this.random(4); n > 0; n -= 1) await turn();
    return value;
  }

  head(): Promise<FeedPosition> {
    return this.#slowly(() => ({ epoch: 1, offsets: this.log.map((events) => events.at(-1)?.offset ?? -1) }));
  }

  replay(after: FeedPosition, limit: number): Promise<FeedPage> {
    return this.#slowly(() => {
      const offsets = [...after.offsets];
      const events: FeedEvent[] = [];
      for (const [partition, log] of this.log.entries()) {
        for (const event of log) {
          if (event.offset <= (offsets[partition] as number) || events.length >= limit) continue;
          events.push(event);
          offsets[partition] = event.offset;
        }
      }
      const done = this.log.every((log, partition) => (log.at(-1)?.offset ?? -1) <= (offsets[partition] as number));
      return { recovered: true, events: events.filter(isVisible), position: { epoch: 1, offsets }, done };
    });
  }

  async reaches({ event }: LiveEvent): Promise<boolean> {
    for (let n = this.random(3); n > 0; n -= 1) await turn();
    return event.eventId !== FORGED;
  }

  isTransient(): boolean {
    return true;
  }
}

it('every event after the start position is delivered once and in order, whatever is lost, repeated or delayed', async () => {
  for (let seed = 1; seed <= 300; seed += 1) {
    const random = seeded(seed);
    const feed = new ModelFeed(random);
    for (let n = random(30); n > 0; n -= 1) feed.append();
    const stream = new EventStream(feed, UNLIMITED, {
      queue: { items: 1 + random(8), characters: 1000 },
      pageSize: 1 + random(6),
      maxBackoffMs: 1,
    });
    // The live connection delivers in order of position and at least once, and nothing from a loss until it is restored.
    let isLive = true;
    let recent: FeedEvent[] = [];
    const publish = (event: FeedEvent) => {
      recent = [...recent.slice(-5), event];
      if (isLive && isVisible(event)) stream.push(event);
    };
    const after = random(2) === 0 ? null : { epoch: 1, offsets: feed.log.map((log) => log[random(log.length + 1)]?.offset ?? -1) };
    let isPublished = false;
    const publishing = (async () => {
      for (let n = 40 + random(60); n > 0; n -= 1) {
        const what = random(12);
        if (what < 6) publish(feed.append());
        else if (what === 6) isLive = false;
        else if (what === 7 && !isLive) {
          isLive = true;
          stream.resync();
        } else if (what === 8 && isLive) for (const event of recent.filter(isVisible)) stream.push(event);
        else if (what === 9) stream.push({ ...feedEvent(random(PARTITIONS), 1_000_000), eventId: FORGED });
        else await turn();
      }
      isLive = true;
      stream.resync();
      isPublished = true;
    })();
    const opened = await stream.open(after);
    const start = opened.position;
    const got: FeedEvent[] = [];
    const events = stream.events();
    const consumer = (async () => {
      for await (const step of events) {
        if (step.kind !== 'event') continue;
        got.push(step.event);
        expect(step.position.offsets[step.event.partition]).toBe(step.event.offset);
        for (let n = random(6); n > 3; n -= 1) await turn();
      }
    })();
    await publishing;
    const expected = feed.log.flatMap((log, partition) =>
      log.filter((event) => isVisible(event) && event.offset > (start.offsets[partition] as number)),
    );
    // Retries use the real clock, so this does, too.
    for (const deadline = Date.now() + 10_000; got.length < expected.length && Date.now() < deadline;) await turn();
    for (let n = 0; n < 20; n += 1) await turn();
    stream.close();
    await consumer;
    expect(isPublished).toBe(true);
    expect(opened).toMatchObject({ kind: 'opened', recovered: true });
    const inOrder = Array.from({ length: PARTITIONS }, (_, partition) => got.filter((event) => event.partition === partition)).flat();
    expect(
      inOrder.map((event) => event.eventId),
      `seed ${seed}`,
    ).toEqual(expected.map((event) => event.eventId));
  }
});
