import type { Log } from '@chat/shared/observability';
import { channels, waitForRedis } from '@chat/shared/realtime';
import type { ChainableCommander, Redis } from 'ioredis';
import { liveTextOf, type LogPlace } from './feed-event.js';
import type { RecordedBatch, RecordedEvent } from './feed-recorder.js';
import { liveInterruptions, livePartitionsBehind, liveQueued } from './live-publisher.metrics.js';
import type { PublishedPlaces } from './published-places.js';

/*
 * Sends what was committed to the Redis channels of those who may see it.
 *
 * A gateway takes an event only if it is newer than the last one it saw of that partition. So an event that is published
 * after a newer one of its partition would never reach the sockets that are open: it is in the feed, but nobody asks the
 * feed while the stream seems whole. Hence the one rule here: what is published of a partition is always an ascending
 * stream without gaps, and it begins no later than the first event that may not have been published yet.
 *
 * - One loop publishes, one pipeline at a time, in the order of the positions.
 * - A partition is either followed (its committed events are queued in memory) or behind (they are left to the feed, and
 *   the loop reads them from there). It is behind when it is assigned to this process, which may have crashed between a
 *   commit and its publish, or taken over from one that did; when a publish failed; when our connection to Redis was
 *   lost; and when the queue is full. Nothing newer of it goes out before it has caught up.
 * - Where to catch up from: `feed_published`, a mark that is stored each second and at the stop, so never ahead of what
 *   was published. Going back too far repeats events, which gateways drop; going back too little would lose some.
 *
 * Two processes may publish a partition at once for a moment while it moves from one to the other. Both streams are
 * ascending and without gaps, and the later one begins at or before the end of what had been published, so whoever merges
 * them by taking only what is newer has everything, in order.
 */

const EVENTS_PER_STEP = 500;
const EVENTS_PER_PAGE = 200;
/** What goes to Redis at once: enough to make the round trip cheap, little enough to be held in memory on both sides. */
const COMMANDS_PER_PIPELINE = 1000;
const CHARACTERS_PER_PIPELINE = 2 ** 20;
/** Events in memory at most; beyond, the feed is the queue. */
const MAX_QUEUED = 5000;
const MARK_INTERVAL_MS = 1000;
const STOP_WITHIN_MS = 3000;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1000;

interface Partition {
  /** Up to here everything was published. Null: go back to the mark. */
  published: LogPlace | null;
  /** What this process last stored or read as the mark. */
  marked: LogPlace | null;
  behind: boolean;
  /** Batches that were left to the feed; changes when catching up has to look once more. */
  skipped: number;
}

interface Publication {
  channel: string;
  text: string;
}

export class LivePublisher {
  readonly #partitions = new Map<number, Partition>();
  #queue: (RecordedEvent | Publication)[] = [];
  #running: Promise<void> | null = null;
  #stopping = false;
  #failures = 0;
  #wake: (() => void) | null = null;
  #markTimer: NodeJS.Timeout | undefined;

  constructor(
    private readonly redis: Redis,
    private readonly places: PublishedPlaces,
    private readonly log: Log,
    private readonly maxQueued = MAX_QUEUED,
  ) {}

  /** Begins to publish. Partitions are told by `assign`. */
  start(): void {
    this.redis.on('close', this.#onConnectionLost);
    this.#markTimer = setInterval(() => void this.#storeMarks(), MARK_INTERVAL_MS);
    this.#running = this.#run();
  }

  /** These partitions of the feed's log were given to this process; another may have had them until now. */
  assign(partitions: number[]): void {
    for (const partition of partitions) this.#partitions.set(partition, newPartition());
    this.#queue = this.#queue.filter((item) => !('event' in item) || !this.#partitionOf(item.event.partition).behind);
    this.#wakeUp();
  }

  /** Takes over what was just committed, in the order of the commits of each partition. Never waits and never fails. */
  accept({ events, notifications }: RecordedBatch): void {
    if (this.#queue.length > this.maxQueued) this.#allFallBehind();
    const leftToFeed = new Set<unknown>();
    for (const item of events) {
      const partition = this.#partitionOf(item.event.partition);
      if (partition.behind) {
        partition.skipped++;
        leftToFeed.add(item.event.conversationId);
      } else if (!isPast(item.event, partition.published)) this.#queue.push(item);
    }
    // A partition that is behind sends the notifications of its messages too, when it comes to them.
    for (const notification of notifications)
      if (!leftToFeed.has(notification.data?.['conversationId'])) this.#queue.push(toPublication(notification));
    this.#wakeUp();
  }

  /** Events waiting in memory. */
  get queued(): number {
    return this.#queue.length;
  }

  get partitionsBehind(): number {
    return [...this.#partitions.values()].filter(({ behind }) => behind).length;
  }

  /** Publishes what is queued, for 3 s at most, and stores the marks. The rest is published by the next start. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#markTimer);
    this.#wakeUp();
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([this.#running, new Promise((resolve) => (timer = setTimeout(resolve, STOP_WITHIN_MS)))]);
    clearTimeout(timer);
    this.redis.off('close', this.#onConnectionLost);
    await this.#storeMarks();
  }

  async #run(): Promise<void> {
    await this.#untilRedisIsThere();
    for (;;) {
      try {
        const behind = [...this.#partitions].find(([, partition]) => partition.behind);
        liveQueued.set(this.queued);
        livePartitionsBehind.set(this.partitionsBehind);
        if (this.#stopping && (behind || this.#queue.length === 0)) return;
        if (behind) await this.#catchUp(...behind);
        else if (this.#queue.length > 0) await this.#publishQueued();
        else await new Promise<void>((resolve) => (this.#wake = resolve));
        this.#failures = 0;
      } catch (error) {
        liveInterruptions.inc();
        if (this.#failures++ === 0)
          this.log.warn({ error, queued: this.#queue.length }, 'live delivery interrupted; it goes on from the feed');
        this.#allFallBehind();
        if (this.#stopping) return;
        await this.#untilWorthTrying();
      }
    }
  }

  async #publishQueued(): Promise<void> {
    const items = this.#queue.splice(0, EVENTS_PER_STEP);
    await this.#publish(items);
    for (const item of items) if ('event' in item) this.#partitionOf(item.event.partition).published = placeOf(item);
  }

  /** One page of a partition that is behind. */
  async #catchUp(number: number, partition: Partition): Promise<void> {
    if (partition.published === null) {
      partition.marked = (await this.places.read([number])).get(number) ?? null;
      partition.published = partition.marked ?? { epoch: 0, partition: number, offset: -1 };
    }
    const { published, skipped } = partition;
    const page = await this.places.eventsAfter(published, EVENTS_PER_PAGE);
    if (page.events.length > 0) {
      await this.#publish([...page.events, ...page.notifications.map(toPublication)]);
      if (partition.published === published) partition.published = placeOf(page.events.at(-1)!);
      return;
    }
    const nextEpoch = await this.places.epochAfter(published.epoch, number);
    // A batch that was left to the feed while we read may not be in what we read.
    if (partition.published !== published || partition.skipped !== skipped) return;
    if (nextEpoch !== null) partition.published = { epoch: nextEpoch, partition: number, offset: -1 };
    else partition.behind = false;
  }

  async #publish(items: (RecordedEvent | Publication)[]): Promise<void> {
    let pipeline = this.redis.pipeline();
    let characters = 0;
    for (const { channel, text } of publicationsOf(items)) {
      pipeline.publish(channel, text);
      characters += text.length;
      if (pipeline.length < COMMANDS_PER_PIPELINE && characters < CHARACTERS_PER_PIPELINE) continue;
      await execute(pipeline);
      pipeline = this.redis.pipeline();
      characters = 0;
    }
    if (pipeline.length > 0) await execute(pipeline);
  }

  /**
   * What was published on the lost connection is known; what came of it is not. So back to the stored mark rather than
   * to the last acknowledged event: the repeated ones are dropped by the gateways.
   */
  readonly #onConnectionLost = (): void => {
    for (const partition of this.#partitions.values()) partition.published = null;
    this.#allFallBehind();
    this.#wakeUp();
  };

  #allFallBehind(): void {
    for (const partition of this.#partitions.values()) partition.behind = true;
    this.#queue = [];
  }

  /** A partition that nobody announced is behind, so that its mark is read before anything of it goes out. */
  #partitionOf(number: number): Partition {
    let partition = this.#partitions.get(number);
    if (!partition) this.#partitions.set(number, (partition = newPartition()));
    return partition;
  }

  async #storeMarks(): Promise<void> {
    const places = [...this.#partitions.values()].flatMap(({ published, marked }) =>
      published === null || published.offset < 0 || isSame(published, marked) ? [] : [published],
    );
    if (places.length === 0) return;
    try {
      await this.places.store(places);
      for (const place of places) {
        const partition = this.#partitions.get(place.partition);
        if (partition) partition.marked = place;
      }
    } catch (error) {
      // The next second tries again; until then the older mark only means more to repeat.
      this.log.debug({ error }, 'the mark of what is published was not stored');
    }
  }

  async #untilWorthTrying(): Promise<void> {
    const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(this.#failures - 1, 10), LONGEST_PAUSE_MS);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    await this.#untilRedisIsThere();
  }

  async #untilRedisIsThere(): Promise<void> {
    // A rejection only means that it is not there yet.
    while (!this.#stopping && this.redis.status !== 'ready') await waitForRedis(this.redis, LONGEST_PAUSE_MS).catch(() => {});
  }

  #wakeUp(): void {
    this.#wake?.();
    this.#wake = null;
  }
}

function newPartition(): Partition {
  return { published: null, marked: null, behind: true, skipped: 0 };
}

/** One message per person and event; the event is made into text once. */
function* publicationsOf(items: (RecordedEvent | Publication)[]): Generator<Publication> {
  for (const item of items) {
    if ('channel' in item) yield item;
    else if (item.audience.length > 0) {
      const text = liveTextOf(item.event);
      for (const userId of item.audience) yield { channel: channels.user(userId), text };
    }
  }
}

async function execute(pipeline: ChainableCommander): Promise<void> {
  const results = await pipeline.exec();
  const failure = results?.find(([error]) => error)?.[0];
  if (failure || !results) throw failure ?? new Error('the pipeline was not executed');
}

function placeOf({ event: { epoch, partition, offset } }: RecordedEvent): LogPlace {
  return { epoch, partition, offset };
}

function toPublication(notification: RecordedBatch['notifications'][number]): Publication {
  return { channel: channels.notification(notification.userId), text: JSON.stringify(notification) };
}

/** Catching up may have come upon an event before its commit was reported here. */
function isPast(event: LogPlace, published: LogPlace | null): boolean {
  return published !== null && (event.epoch < published.epoch || (event.epoch === published.epoch && event.offset <= published.offset));
}

function isSame(a: LogPlace, b: LogPlace | null): boolean {
  return b !== null && a.epoch === b.epoch && a.offset === b.offset;
}
