import type { TopicName } from '../events/index.js';
import { consumerLag } from './consumer.metrics.js';
import type { PartitionState } from './partition-batches.js';

const MEASURE_INTERVAL_MS = 10_000;

/** Where a LagMeter gets the ends of logs. */
export interface LagMeterOptions {
  /** The partitions that are not active: no records report the end of their log. */
  inactive(): PartitionState[];
  /** The ends of the partitions of a topic; undefined while there is no connection. */
  endsOf(topic: TopicName): Promise<{ partition: number; high: string }[] | undefined>;
}

/** Sets the metric of the lag: how many records of each partition the group has not handled. */
export class LagMeter {
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly group: string,
    private readonly options: LagMeterOptions,
  ) {}

  start(): void {
    this.#timer = setInterval(() => void this.#measure(), MEASURE_INTERVAL_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  show({ topic, partition, endOffset, nextOffset }: PartitionState): void {
    consumerLag.set({ group: this.group, topic, partition: String(partition) }, Math.max(0, endOffset - nextOffset));
  }

  /** The partition is assigned to another process. */
  remove({ topic, partition }: PartitionState): void {
    consumerLag.remove({ group: this.group, topic, partition: String(partition) });
  }

  async #measure(): Promise<void> {
    const inactive = this.options.inactive();
    try {
      for (const topic of new Set(inactive.map((state) => state.topic))) {
        const ends = await this.options.endsOf(topic);
        if (!ends) return;
        for (const state of inactive.filter((one) => one.topic === topic)) {
          state.endOffset = Number(ends.find((end) => end.partition === state.partition)?.high ?? state.endOffset);
          this.show(state);
        }
      }
    } catch {
      // Kafka is unavailable, so the lag is unknown; the consumer logs it.
    }
  }
}
