import { randomUUID } from 'node:crypto';
import { newId } from '@chat/shared/database';
import { EVENT_TOPICS, type EventPayloads, type EventType, type TopicName } from '@chat/shared/events';
import { type PartitionPosition, type ReceivedBatch, type ReceivedEvent, storePositions } from '@chat/shared/consumer';
import type { DataSource } from 'typeorm';
import { FeedLog } from '../../src/feed/feed-log.js';

export const GROUP = 'notification';
export const feedLog = new FeedLog(GROUP, 30);

interface FakeLogOptions {
  partitions?: number;
  epoch?: number;
}

/** Replaces the log and its consumer: gives records their positions, and returns them in batches. */
export class FakeLog {
  readonly partitions: number;
  readonly epoch: number;
  readonly #ends = new Map<string, number>();
  readonly #stored = new Map<string, number>();
  /** Written, not yet in a batch. */
  #pending: ReceivedEvent[] = [];

  private constructor({ partitions = 2, epoch = 1 }: FakeLogOptions) {
    this.partitions = partitions;
    this.epoch = epoch;
  }

  /** Begins an epoch, as the consumer does before the first record. */
  static async begin(dataSource: DataSource, options: FakeLogOptions = {}): Promise<FakeLog> {
    const log = new FakeLog(options);
    for (const topic of new Set(Object.values(EVENT_TOPICS).flat())) {
      await dataSource.query(
        `insert into consumer_epochs (consumer_group, topic, epoch, cluster_id, partition_count) values ($1, $2, $3, $4, $5)
         on conflict (consumer_group, topic) do update set epoch = excluded.epoch, partition_count = excluded.partition_count`,
        [GROUP, topic, log.epoch, randomUUID(), log.partitions],
      );
      await dataSource.query(
        `insert into consumer_positions (consumer_group, topic, epoch, partition, next_offset) select $1, $2, $3, p, 0 from generate_series(0, $4 - 1) p`,
        [GROUP, topic, log.epoch, log.partitions],
      );
    }
    return log;
  }

  partitionOf(key: string): number {
    return Number.parseInt(key.slice(-4), 16) % this.partitions;
  }

  write<T extends EventType>(type: T, key: string, payload: EventPayloads[T], eventId = newId()): ReceivedEvent<T> {
    const [topic] = EVENT_TOPICS[type];
    const partition = this.partitionOf(key);
    const name = `${topic}/${partition}`;
    const offset = this.#ends.get(name) ?? 0;
    this.#ends.set(name, offset + 1);
    const event = { type, key, payload, eventId, topic, epoch: this.epoch, partition, offset } as ReceivedEvent<T>;
    Object.assign(event, { occurredAt: new Date(), recordedAt: new Date(), correlationId: null, traceparent: null });
    this.#pending.push(event as ReceivedEvent);
    return event;
  }

  /** The records that were written since the last batch. */
  batch(): ReceivedBatch {
    const records = this.#pending;
    this.#pending = [];
    return this.batchOf(records);
  }

  /** These records, with positions that follow the stored ones. */
  batchOf(records: ReceivedEvent[]): ReceivedBatch {
    const positions = new Map<string, PartitionPosition>();
    for (const { topic, partition, offset } of records) {
      const name = `${topic}/${partition}`;
      const expectedOffset = this.#stored.get(name) ?? 0;
      positions.set(name, { topic: topic as TopicName, epoch: this.epoch, partition, expectedOffset, nextOffset: offset + 1 });
    }
    const moved = [...positions.values()];
    return {
      records,
      positions: moved,
      storePositions: async (runner) => {
        await storePositions(runner, GROUP, moved);
        for (const [name, { nextOffset }] of positions) this.#stored.set(name, nextOffset);
      },
    };
  }
}
