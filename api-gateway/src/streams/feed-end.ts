import type { FeedEvent, FeedPosition, RequestToken } from '@chat/shared/contracts';
import { atMostEvery, LOGGER, type Log } from '@chat/shared/observability';
import { Inject, Injectable } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { NotificationClient } from '../clients/notification.client.js';

/** How far a live event may be above the last known end of the feed before that end is read again. */
const MAX_OFFSETS_ABOVE_END = 10_000;
/** However many events are too far above it, the end of the feed is not read more often. */
const READ_INTERVAL_MS = 200;
const LOG_INTERVAL_MS = 10_000;

/** A live event, as Redis delivered it. */
export interface LiveEvent {
  event: FeedEvent;
  /** performance.now() */
  receivedAt: number;
}

/**
 * The highest position of the feed that this process knows. Redis delivers whatever was published there, but an event is in the feed before it
 * is published: one that is far above the end of the feed was not published by notification-service. Only the feed itself moves the known end,
 * so a series of forged events cannot move it step by step.
 */
@Injectable()
export class FeedEnd {
  private known: FeedPosition = { epoch: -1, offsets: [] };
  /** When the last successful read began. */
  private readAt = -Infinity;
  private nextReadAt = -Infinity;
  private reading: Promise<void> | null = null;
  private readonly logIgnored: (event: FeedEvent) => void;
  private readonly logFailure: (error: unknown) => void;

  constructor(
    private readonly notifications: NotificationClient,
    @Inject(LOGGER) logger: Log,
  ) {
    this.logIgnored = atMostEvery(LOG_INTERVAL_MS, ({ epoch, partition, offset }) =>
      logger.warn({ epoch, partition, offset, end: this.known }, 'a live event above the end of the feed was ignored'),
    );
    this.logFailure = atMostEvery(LOG_INTERVAL_MS, (error) => logger.warn({ error }, 'the end of the feed could not be read; retrying'));
  }

  /** The end of the feed, now. */
  async read(token: RequestToken): Promise<FeedPosition> {
    const end = await this.notifications.getFeedEndPosition(token);
    this.observe(end);
    return end;
  }

  /** For each position that notification-service has answered. */
  observe({ epoch, offsets }: FeedPosition): void {
    const { known } = this;
    if (epoch < known.epoch) return;
    if (epoch > known.epoch) this.known = { epoch, offsets: [...offsets] };
    else offsets.forEach((offset, partition) => (known.offsets[partition] = Math.max(offset, known.offsets[partition] ?? -1)));
  }

  /**
   * False if the event is far above the end of the feed. When the known end does not show it, the end is read: once for all events that were
   * received until then, and again until it is available or `ended`, which is answered with false, too.
   */
  reaches(live: LiveEvent, token: RequestToken, ended: AbortSignal): boolean | Promise<boolean> {
    // Nearly always: then it costs no promise.
    return this.isNear(live.event) ? !ended.aborted : this.readUntilReached(live, token, ended);
  }

  private async readUntilReached({ event, receivedAt }: LiveEvent, token: RequestToken, ended: AbortSignal): Promise<boolean> {
    while (!this.isNear(event)) {
      if (ended.aborted) return false;
      if (this.readAt >= receivedAt) {
        this.logIgnored(event);
        return false;
      }
      await (this.reading ??= this.readInTime(token));
    }
    return !ended.aborted;
  }

  private isNear({ epoch, partition, offset }: FeedEvent): boolean {
    const { known } = this;
    const end = known.offsets[partition];
    return epoch < known.epoch || (epoch === known.epoch && end !== undefined && offset <= end + MAX_OFFSETS_ABOVE_END);
  }

  private async readInTime(token: RequestToken): Promise<void> {
    try {
      await sleep(Math.max(0, this.nextReadAt - performance.now()));
      const startedAt = performance.now();
      this.nextReadAt = startedAt + READ_INTERVAL_MS;
      await this.read(token);
      this.readAt = startedAt;
    } catch (error) {
      this.logFailure(error);
    } finally {
      this.reading = null;
    }
  }
}
