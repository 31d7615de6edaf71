import type { Admin, Kafka } from 'kafkajs';

/** The log of a topic as Kafka describes it. */
export interface LogState {
  clusterId: string;
  /** Index = partition. */
  partitions: { firstOffset: number; endOffset: number }[];
}

/** Reads where the logs of topics begin and end. Connects at the first question. */
export class LogReader {
  #admin: Admin | null = null;

  constructor(private readonly kafka: Kafka) {}

  /** `topic` is the name that Kafka knows. Rejects while Kafka is unavailable. */
  async stateOf(topic: string): Promise<LogState> {
    const admin = await this.#connected();
    const { clusterId } = await admin.describeCluster();
    const offsets = await admin.fetchTopicOffsets(topic);
    const partitions = offsets
      .toSorted((a, b) => a.partition - b.partition)
      .map(({ low, high }) => ({ firstOffset: Number(low), endOffset: Number(high) }));
    return { clusterId, partitions };
  }

  /** The end of each partition; undefined before the first `stateOf`. */
  async endsOf(topic: string): Promise<{ partition: number; high: string }[] | undefined> {
    return this.#admin?.fetchTopicOffsets(topic);
  }

  async disconnect(): Promise<void> {
    await this.#admin?.disconnect();
  }

  async #connected(): Promise<Admin> {
    if (this.#admin) return this.#admin;
    const admin = this.kafka.admin();
    await admin.connect();
    return (this.#admin = admin);
  }
}
