import type { TopicName } from '../events/index.js';
import { consumerLag } from './consumer.metrics.js';
import type { PartitionState } from './partition-batches.js';

const MEASURE_EVERY_MS = 10_000;

export interface LagMeterOptions {
  /** The partitions that do not flow: they get no news of the log's end with their records. */
  stalled(): PartitionState[];
  /** Where the partitions of a topic end; undefined while nobody can be asked. */
  endsOf(topic: TopicName): Promise<{ partition: number; high: string }[] | undefined>;
}

/** Shows how many records a group's partitions are behind. */
export class LagMeter {
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly group: string,
    private readonly options: LagMeterOptions,
  ) {}

  start(): void {
    this.#timer = setInterval(() => void this.#measure(), MEASURE_EVERY_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  show({ topic, partition, endOffset, nextOffset }: PartitionState): void {
    consumerLag.set({ group: this.group, topic, partition: String(partition) }, Math.max(0, endOffset - nextOffset));
  }

  /** Another process has the partition now. */
  forget({ topic, partition }: PartitionState): void {
    consumerLag.remove({ group: this.group, topic, partition: String(partition) });
  }

  async #measure(): Promise<void> {
    const stalled = this.options.stalled();
    try {
      for (const topic of new Set(stalled.map((state) => state.topic))) {
        const ends = await this.options.endsOf(topic);
        if (!ends) return;
        for (const state of stalled.filter((one) => one.topic === topic)) {
          state.endOffset = Number(ends.find((end) => end.partition === state.partition)?.high ?? state.endOffset);
          this.show(state);
        }
      }
    } catch {
      // Kafka is away: the lag is not known, and the consumer itself says so.
    }
  }
}
