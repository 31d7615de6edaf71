import type { FeedEvent, FeedPage, FeedPosition } from '@chat/shared/contracts';
import { setTimeout as sleep } from 'node:timers/promises';

/** Where a stream reads what it missed. */
export interface FeedSource {
  head(): Promise<FeedPosition>;
  replay(after: FeedPosition, limit: number): Promise<FeedPage>;
  /** True of failures that pass: the read is tried again. */
  isTransient(error: unknown): boolean;
}

/** What comes out of a stream. `position` is where the reader stands after it; it is not changed later. */
export type StreamStep =
  | { kind: 'opened'; recovered: boolean; position: FeedPosition }
  /** `page` is there when the event was replayed: all events of its page, so that what belongs to them can be looked up together. */
  | { kind: 'event'; event: FeedEvent; position: FeedPosition; page: FeedEvent[] | null };

export interface StreamBounds {
  /** Events that wait for the reader at most; beyond it they are dropped and read from the feed again. */
  maxWaiting: number;
  pageSize: number;
  /** How long opening may wait for the feed before it fails. */
  openingPatienceMs: number;
  maxBackoffMs: number;
}

const DEFAULT_BOUNDS: StreamBounds = { maxWaiting: 1000, pageSize: 500, openingPatienceMs: 10_000, maxBackoffMs: 3000 };

/** The log has begun anew under an open stream, or its place is no longer kept: the reader must come back with its cursor and be told so. */
export class StreamBroken extends Error {}

/**
 * One reader's way through the feed: first what was missed, then what happens, each event once and in order within its partition.
 *
 * Live events are hints, the feed is the truth. They are put into a queue from before the first read on. Whatever is published was in the feed
 * before, so a page that is asked for now holds everything received until now: each read empties the queue, and when a page reaches the
 * end of the feed, the queue holds exactly what came since, and the stream is live. After a loss of the live connection (`lost()`), or
 * when the queue is full, it reads on from its own position. So memory is bounded by one page and one queue.
 */
export class EventStream {
  readonly #source: FeedSource;
  readonly #bounds: StreamBounds;
  #waiting: FeedEvent[] = [];
  /** True when an event may have been missed since the last read began. */
  #isBehind = false;
  #wake: (() => void) | null = null;
  #closed = false;
  #position: FeedPosition = { epoch: 0, offsets: [] };
  /** A page read while opening, not yet handed out. */
  #firstPage: FeedPage | null = null;

  constructor(source: FeedSource, bounds: Partial<StreamBounds> = {}) {
    this.#source = source;
    this.#bounds = { ...DEFAULT_BOUNDS, ...bounds };
  }

  /** Takes a live event. Must be connected before `open`. */
  push(event: FeedEvent): void {
    if (this.#closed || this.#isBehind) return;
    if (this.#waiting.length >= this.#bounds.maxWaiting) this.lost();
    else this.#waiting.push(event);
    this.#stir();
  }

  /** Live events may have been missed: go on from the feed. */
  lost(): void {
    this.#waiting = [];
    this.#isBehind = true;
    this.#stir();
  }

  close(): void {
    this.#closed = true;
    this.#waiting = [];
    this.#stir();
  }

  /** Finds the place to begin at. Waits for a feed that is away, but not for ever. */
  async open(after: FeedPosition | null): Promise<StreamStep> {
    const deadline = Date.now() + this.#bounds.openingPatienceMs;
    if (after === null) {
      this.#position = await this.#retrying(() => this.#source.head(), deadline);
      return { kind: 'opened', recovered: true, position: this.#position };
    }
    const page = await this.#readPage(after, deadline);
    this.#position = page.recovered ? after : page.position;
    if (page.recovered) this.#firstPage = page;
    return { kind: 'opened', recovered: page.recovered, position: this.#position };
  }

  /** The events after `open`, until `close`. The next page is read when the one before has been taken. */
  async *events(): AsyncGenerator<StreamStep, void> {
    let page = this.#firstPage;
    this.#firstPage = null;
    while (!this.#closed) {
      if (page) {
        if (!page.recovered) throw new StreamBroken('the feed does not reach back to this position any more');
        for (const event of page.events) {
          if (this.#closed) return;
          if (this.#advance(event)) yield { kind: 'event', event, position: this.#position, page: page.events };
        }
        this.#position = page.position;
        page = page.done ? null : await this.#readPage(this.#position);
      } else if (this.#isBehind) {
        page = await this.#readPage(this.#position);
      } else {
        const event = this.#waiting.shift();
        if (!event) await new Promise<void>((resolve) => (this.#wake = resolve));
        else if (event.epoch > this.#position.epoch) this.lost();
        else if (this.#advance(event)) yield { kind: 'event', event, position: this.#position, page: null };
      }
    }
  }

  /** Moves the position past an event; false when the reader had it before. */
  #advance({ epoch, partition, offset }: FeedEvent): boolean {
    const known = this.#position.offsets[partition] ?? -1;
    if (epoch !== this.#position.epoch || offset <= known) return false;
    const offsets = [...this.#position.offsets];
    while (offsets.length < partition) offsets.push(-1);
    offsets[partition] = offset;
    this.#position = { epoch, offsets };
    return true;
  }

  #readPage(after: FeedPosition, deadline = Infinity): Promise<FeedPage> {
    return this.#retrying(() => {
      this.#waiting = [];
      this.#isBehind = false;
      return this.#source.replay(after, this.#bounds.pageSize);
    }, deadline);
  }

  async #retrying<T>(read: () => Promise<T>, deadline: number): Promise<T> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await read();
      } catch (error) {
        const backoffMs = Math.min(100 * 2 ** attempt, this.#bounds.maxBackoffMs) * (0.5 + Math.random() / 2);
        if (this.#closed || !this.#source.isTransient(error) || Date.now() + backoffMs > deadline) throw error;
        await sleep(backoffMs);
      }
    }
  }

  #stir(): void {
    this.#wake?.();
    this.#wake = null;
  }
}
