import type { Redis } from 'ioredis';
import type { FeedBacklog } from './backlog.js';
import type { PublishCheckpoints } from './checkpoints.js';
import { publishAll, toLiveMessage } from './live-messages.js';
import { positionOf, type LivePartition } from './live-partitions.js';

const EVENTS_PER_PAGE = 200;

/** Publishes the events of lagging partitions from the feed. */
export class CatchUp {
  constructor(
    private readonly redis: Redis,
    private readonly backlog: FeedBacklog,
    private readonly checkpoints: PublishCheckpoints,
  ) {}

  /** Publishes one page; after the last one the partition is not lagging any more. */
  async publishPage(partition: LivePartition): Promise<void> {
    const { number, deferred } = partition;
    if (partition.published === null) {
      partition.checkpoint = await this.checkpoints.read(number);
      partition.published = partition.checkpoint ?? { epoch: 0, partition: number, offset: -1 };
    }
    const { published } = partition;
    const page = await this.backlog.eventsAfter(published, EVENTS_PER_PAGE);
    if (page.events.length > 0) {
      await publishAll(this.redis, [...page.events, ...page.notifications.map((notification) => toLiveMessage(notification))]);
      if (partition.published === published) partition.published = positionOf(page.events.at(-1)!.event);
      return;
    }
    const nextEpoch = await this.backlog.epochAfter(published);
    // The page may not include a batch that was deferred after it was read.
    if (partition.published !== published || partition.deferred !== deferred) return;
    if (nextEpoch !== null) partition.published = { epoch: nextEpoch, partition: number, offset: -1 };
    else partition.lagging = false;
  }
}
