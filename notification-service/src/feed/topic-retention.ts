import { backoffMs, sleepUntilAborted } from '@chat/shared/async';
import { type KafkaSettings, readTopicSettings } from '@chat/shared/kafka';
import { LOGGER, type Log } from '@chat/shared/observability';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { FeedLog } from './feed-log.js';

export const KAFKA_SETTINGS = Symbol('settings of Kafka');

const DAY_MS = 24 * 3_600_000;
const BACKOFF = { firstMs: 500, maxMs: 30_000 };

/**
 * What is wrong with the settings of the feed's topic, for a feed that keeps events for so many days; empty if nothing is. The topic may keep
 * records longer, and always does by up to a segment: what is older than the retention of the feed is not recorded.
 */
export function findUnsafeSettings(settings: ReadonlyMap<string, string>, retentionDays: number): string[] {
  const retentionMs = Number(settings.get('retention.ms') ?? -1);
  const maxBytes = Number(settings.get('retention.bytes') ?? -1);
  const cleanup = settings.get('cleanup.policy') ?? 'delete';
  return [
    ...(retentionMs >= 0 && retentionMs < retentionDays * DAY_MS
      ? [`retention.ms is ${retentionMs}, less than the ${retentionDays} days of FEED_RETENTION_DAYS: a feed that is made anew has less`]
      : []),
    ...(maxBytes >= 0 ? [`retention.bytes is ${maxBytes}: records may be deleted before they are recorded`] : []),
    ...(cleanup === 'delete' ? [] : [`cleanup.policy is ${cleanup}: messages are deleted, because the key is the conversation`]),
  ];
}

/** Compares the retention of the feed with that of its topic once, as soon as Kafka is available, and logs an error for each unsafe setting. */
@Injectable()
export class TopicRetentionCheck implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #stop = new AbortController();

  constructor(
    private readonly feedLog: FeedLog,
    @Inject(KAFKA_SETTINGS) private readonly kafka: KafkaSettings,
    @Inject(LOGGER) private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    void this.run();
  }

  onApplicationShutdown(): void {
    this.#stop.abort();
  }

  /** Retries until Kafka answers, or the service stops. */
  async run(): Promise<void> {
    const { topic, retentionDays } = this.feedLog;
    for (let attempt = 0; !this.#stop.signal.aborted; attempt++) {
      try {
        for (const problem of findUnsafeSettings(await readTopicSettings(this.kafka, topic), retentionDays))
          this.log.error({ topic }, `unsafe setting of the topic: ${problem}`);
        return;
      } catch {
        // Kafka is unavailable, or the topic does not exist yet; the consumer logs it.
        await sleepUntilAborted(backoffMs(attempt, BACKOFF), this.#stop.signal);
      }
    }
  }
}
