import { PollingWorker, waitAtMost, type NextRound } from '@chat/shared/async';
import type { Notification } from '@chat/shared/contracts';
import type { Log } from '@chat/shared/observability';
import { waitForRedis } from '@chat/shared/realtime';
import type { Redis } from 'ioredis';
import type { PublishCheckpoints } from './checkpoints.js';
import type { CatchUp } from './catch-up.js';
import type { RecordedBatch, RecordedEvent } from './feed-event.js';
import { publishAll, toLiveMessage, type LiveMessage } from './live-messages.js';
import { isPublished, LivePartitions } from './live-partitions.js';
import { liveInterruptions, livePartitionsLagging, liveQueued } from './live-publisher.metrics.js';

/*
 * Publishes committed events to the Redis channels of the users that may see them.
 *
 * A gateway accepts an event only if it is newer than the last one that it saw of that partition. So an event that is published after a
 * newer one of its partition never reaches the open sockets: it is in the feed, but a gateway does not read the feed while the stream seems
 * complete. Hence the one rule here: the events published of a partition are always an ascending stream without gaps, and it starts no
 * later than the first event that may not have been published yet.
 *
 * - One loop publishes, one pipeline at a time, in the order of the positions.
 * - The committed events of a partition are queued in memory, or the partition is lagging: no newer event is published before it has caught
 *   up. LivePartition.lagging says when this is so.
 * - A notification that is about no message is not in the feed, and one of a large group comes after its message: they stay in the queue, also while everything
 *   else is deferred.
 * - Catching up starts at the checkpoint, which is stored each second and at the stop, so it is never ahead of what was published. Starting
 *   too early repeats events, which gateways ignore; starting too late would lose some.
 *
 * Two processes may publish a partition at the same time for a moment while it moves from one to the other. Both streams are ascending and
 * without gaps, and the second one starts at or before the end of the first, so a gateway that accepts only newer events has all of them,
 * in order.
 */

const EVENTS_PER_STEP = 500;
/** The maximum number of events in memory; beyond it, the feed is the queue. */
const MAX_QUEUED = 5000;
const CHECKPOINT_INTERVAL_MS = 1000;
const STOP_TIMEOUT_MS = 3000;
const BACKOFF = { firstMs: 50, maxMs: 1000 };

export class LivePublisher {
  readonly #partitions = new LivePartitions();
  #queue: (RecordedEvent | LiveMessage)[] = [];
  readonly #worker = new PollingWorker({
    round: (signal) => this.#publishSome(signal),
    backoff: BACKOFF,
    onError: (error, attempt) => this.#onFailure(error, attempt),
    drainMs: STOP_TIMEOUT_MS,
  });
  #checkpointTimer: NodeJS.Timeout | undefined;

  constructor(
    private readonly redis: Redis,
    private readonly catchUp: CatchUp,
    private readonly checkpoints: PublishCheckpoints,
    private readonly log: Log,
    private readonly maxQueued = MAX_QUEUED,
  ) {}

  start(): void {
    this.redis.on('close', this.#onConnectionLost);
    this.#checkpointTimer = setInterval(() => void this.#storeCheckpoints(), CHECKPOINT_INTERVAL_MS);
    this.#worker.start();
  }

  /** These partitions of the feed's log were assigned to this process; another process may have had them until now. */
  assign(partitions: number[]): void {
    for (const partition of partitions) this.#partitions.reset(partition);
    this.#queue = this.#queue.filter((item) => !('event' in item) || !this.#partitions.get(item.event.partition).lagging);
    this.#worker.wake();
  }

  /** Accepts a committed batch; the batches of a partition come in commit order. Never waits and never fails. */
  accept({ events, notifications }: RecordedBatch): void {
    if (this.#queue.length > this.maxQueued) this.#markAllLagging();
    const deferred = new Set<unknown>();
    for (const item of events) {
      const partition = this.#partitions.get(item.event.partition);
      if (partition.lagging) {
        partition.deferred++;
        deferred.add(item.event.conversationId);
      } else if (!isPublished(item.event, partition)) this.#queue.push(item);
    }
    // Catching up also publishes the notifications of the deferred messages.
    for (const notification of notifications)
      if (!deferred.has(notification.data?.['conversationId'])) this.#queue.push(toLiveMessage(notification));
    this.#worker.wake();
  }

  /** Notifications of messages that may be published already, so that catching up does not publish them. Never waits and never fails. */
  acceptNotifications(notifications: Notification[]): void {
    for (const notification of notifications) this.#queue.push(toLiveMessage(notification, false));
    if (this.#queue.length > this.maxQueued) this.#markAllLagging();
    this.#worker.wake();
  }

  get queued(): number {
    return this.#queue.length;
  }

  get partitionsLagging(): number {
    return this.#partitions.laggingCount;
  }

  /** Publishes what is queued, for at most 3 s, and stores the checkpoints. The next start publishes the rest. */
  async stop(): Promise<void> {
    clearInterval(this.#checkpointTimer);
    await waitAtMost(STOP_TIMEOUT_MS, this.#worker.stop());
    this.redis.off('close', this.#onConnectionLost);
    await this.#storeCheckpoints();
  }

  /** One round: a page of a lagging partition, or a step of the queue. After the stop only the queue is published. */
  async #publishSome({ aborted: stopping }: AbortSignal): Promise<NextRound> {
    if (this.redis.status !== 'ready') {
      // A rejection only means that Redis is not ready yet.
      if (!stopping) await waitForRedis(this.redis, BACKOFF.maxMs).catch(() => {});
      return stopping ? Infinity : 0;
    }
    const lagging = this.#partitions.firstLagging();
    liveQueued.set(this.queued);
    livePartitionsLagging.set(this.partitionsLagging);
    if (lagging ? stopping : this.#queue.length === 0) return Infinity;
    await (lagging ? this.catchUp.publishPage(lagging) : this.#publishQueued());
    return 0;
  }

  #onFailure(error: unknown, attempt: number): void {
    liveInterruptions.inc();
    if (attempt === 0) this.log.warn({ error, queued: this.queued }, 'live delivery interrupted; it continues from the feed');
    this.#markAllLagging();
  }

  async #publishQueued(): Promise<void> {
    const items = this.#queue.splice(0, EVENTS_PER_STEP);
    try {
      await publishAll(this.redis, items);
    } catch (error) {
      this.#queue = [...onlyInQueue(items), ...this.#queue];
      throw error;
    }
    for (const item of items) if ('event' in item) this.#partitions.advance(item);
  }

  /**
   * Commands were sent on the lost connection, but their outcome is unknown. So publishing continues from the stored checkpoint rather than
   * from the last acknowledged event; gateways ignore the repeated events.
   */
  readonly #onConnectionLost = (): void => {
    this.#partitions.returnToCheckpoints();
    this.#queue = onlyInQueue(this.#queue).slice(-this.maxQueued);
    this.#worker.wake();
  };

  #markAllLagging(): void {
    this.#partitions.markAllLagging();
    this.#queue = onlyInQueue(this.#queue).slice(-this.maxQueued);
  }

  async #storeCheckpoints(): Promise<void> {
    try {
      await this.checkpoints.storeProgress(this.#partitions);
    } catch (error) {
      // Retried in the next second; until then an older checkpoint only means more events to repeat.
      this.log.debug({ error }, 'publish checkpoints not stored');
    }
  }
}

/** What catching up does not publish. */
function onlyInQueue(items: (RecordedEvent | LiveMessage)[]): LiveMessage[] {
  return items.filter((item): item is LiveMessage => 'channel' in item && !item.isRepeatable);
}
