import { backoffMs } from '@chat/shared/async';
import type { FeedEvent, FeedPage, FeedPosition } from '@chat/shared/contracts';
import { setTimeout as sleep } from 'node:timers/promises';
import { BoundedQueue, type ByteBudget, type QueueBounds } from '../graphql/bounded-queue.js';
import type { LiveEvent } from './feed-end.js';

/** The feed, which has all events. */
export interface FeedSource {
  head(): Promise<FeedPosition>;
  replay(after: FeedPosition, limit: number): Promise<FeedPage>;
  /** False for a live event that cannot be in the feed: it is ignored. */
  reaches(live: LiveEvent): boolean | Promise<boolean>;
  /** Called before each `replay`; the returned function is called when the page is not in memory any more. */
  reservePage?(): Promise<() => void>;
  /** True for a transient error: the read is retried. */
  isTransient(error: unknown): boolean;
}

/** What a stream yields. `position` is the position after this step; the object is not changed later. */
export type StreamStep =
  | { kind: 'opened'; recovered: boolean; position: FeedPosition }
  /** `page` has all events of the replayed page, so that their current state can be loaded with one call; null for a live event. */
  | { kind: 'event'; event: FeedEvent; position: FeedPosition; page: FeedEvent[] | null };

export interface StreamBounds {
  /** Of the live events. When the queue is full, it is discarded, and the stream continues from the feed. */
  queue: QueueBounds;
  pageSize: number;
  /** How long `open` retries transient errors of the feed. */
  openTimeoutMs: number;
  maxBackoffMs: number;
}

const DEFAULT_BOUNDS: StreamBounds = {
  queue: { items: 1000, characters: 128 * 1024 },
  pageSize: 500,
  openTimeoutMs: 10_000,
  maxBackoffMs: 3000,
};

/** The position of an open stream is not in the feed any more, because the log began anew or the events expired. The client resumes with its cursor. */
export class StreamExpiredError extends Error {}

/**
 * The events of one subscription: first those that were missed, then the live ones, each event once and in order within its partition.
 *
 * Live events are hints; the feed is authoritative. They are queued from before the first read. An event is in the feed before it is
 * published, so a page that is requested now contains every event received until now: each read empties the queue. When a page reaches the
 * end of the feed, the queue contains exactly the later events, and the stream is live. After a loss of the live connection (`resync`), or when
 * the queue is full, the stream reads from its own position. So its memory is one page and one queue.
 */
export class EventStream {
  readonly #source: FeedSource;
  readonly #bounds: StreamBounds;
  readonly #queue: BoundedQueue<LiveEvent>;
  /** True when an event may have been missed since the last read began. */
  #isLagging = false;
  #wakeReader: (() => void) | null = null;
  #closed = false;
  #position: FeedPosition = { epoch: 0, offsets: [] };
  /** A page that `open` has read and `events` has not yielded. */
  #firstPage: FeedPage | null = null;
  #releasePage: () => void = () => undefined;

  constructor(source: FeedSource, budget: ByteBudget, bounds: Partial<StreamBounds> = {}) {
    this.#source = source;
    this.#bounds = { ...DEFAULT_BOUNDS, ...bounds };
    this.#queue = new BoundedQueue(this.#bounds.queue, budget);
  }

  /** False while the stream discards live events, because it will read them from the feed. */
  get acceptsLive(): boolean {
    return !this.#closed && !this.#isLagging;
  }

  /** Queues a live event. Connect this before `open`. `characters`: the length of its text. */
  push(event: FeedEvent, characters = 0): void {
    if (!this.acceptsLive) return;
    if (this.#queue.push({ event, receivedAt: performance.now() }, characters)) this.#wake();
    else this.resync();
  }

  /** Continues from the feed, because live events may have been missed. */
  resync(): void {
    this.#queue.clear();
    this.#isLagging = true;
    this.#wake();
  }

  close(): void {
    this.#closed = true;
    this.#queue.clear();
    this.#firstPage = null;
    this.#releasePage();
    this.#wake();
  }

  /** Determines the position from which `events` continues. */
  async open(after: FeedPosition | null): Promise<StreamStep> {
    const deadline = Date.now() + this.#bounds.openTimeoutMs;
    if (after === null) {
      this.#position = await this.#retry(() => this.#source.head(), deadline);
      return { kind: 'opened', recovered: true, position: this.#position };
    }
    const page = await this.#readPage(after, deadline);
    this.#position = page.recovered ? after : page.position;
    if (page.recovered) this.#firstPage = page;
    else this.#releasePage();
    return { kind: 'opened', recovered: page.recovered, position: this.#position };
  }

  /** The events after `open`, until `close`. A page is read when all events of the page before have been consumed. */
  async *events(): AsyncGenerator<StreamStep, void> {
    let page = this.#firstPage;
    this.#firstPage = null;
    while (!this.#closed) {
      if (page) {
        if (!page.recovered) throw new StreamExpiredError('the feed does not have this position any more');
        for (const event of page.events) {
          if (this.#closed) return;
          if (this.#advance(event)) yield { kind: 'event', event, position: this.#position, page: page.events };
        }
        this.#position = page.position;
        const { done } = page;
        page = null;
        this.#releasePage();
        if (!done) page = await this.#readPage(this.#position);
      } else if (this.#isLagging) {
        page = await this.#readPage(this.#position);
      } else {
        const live = this.#queue.shift();
        if (!live) {
          await new Promise<void>((resolve) => (this.#wakeReader = resolve));
          continue;
        }
        const reaches = this.#source.reaches(live);
        if (reaches === true || (await reaches)) {
          const { event } = live;
          if (event.epoch > this.#position.epoch) this.resync();
          else if (this.#advance(event)) yield { kind: 'event', event, position: this.#position, page: null };
        }
      }
    }
  }

  /** Moves the position past an event; false when the event is not after the position. */
  #advance({ epoch, partition, offset }: FeedEvent): boolean {
    const known = this.#position.offsets[partition];
    if (epoch !== this.#position.epoch || known === undefined || offset <= known) return false;
    const offsets = [...this.#position.offsets];
    offsets[partition] = offset;
    this.#position = { epoch, offsets };
    return true;
  }

  #readPage(after: FeedPosition, deadline = Infinity): Promise<FeedPage> {
    return this.#retry(async () => {
      this.#releasePage = (await this.#source.reservePage?.()) ?? this.#releasePage;
      this.#queue.clear();
      this.#isLagging = false;
      try {
        // A stream that was closed while it waited needs no page.
        return this.#closed ? this.#emptyPage(after) : await this.#source.replay(after, this.#bounds.pageSize);
      } catch (error) {
        // The client has ended this stream: its error must not close the socket.
        if (this.#closed) return this.#emptyPage(after);
        throw error;
      } finally {
        if (this.#closed) this.#releasePage();
      }
    }, deadline);
  }

  async #retry<T>(read: () => Promise<T>, deadline: number): Promise<T> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await read();
      } catch (error) {
        this.#releasePage();
        const delayMs = backoffMs(attempt, { firstMs: 100, maxMs: this.#bounds.maxBackoffMs, jitter: 0.5 });
        if (this.#closed || !this.#source.isTransient(error) || Date.now() + delayMs > deadline) throw error;
        await sleep(delayMs);
      }
    }
  }

  #emptyPage(position: FeedPosition): FeedPage {
    return { recovered: true, events: [], position, done: true };
  }

  #wake(): void {
    this.#wakeReader?.();
    this.#wakeReader = null;
  }
}
