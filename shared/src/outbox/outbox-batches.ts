import type { Log } from '../observability/index.js';
import { BlockedKeys } from './blocked-keys.js';
import { LowWaterMark } from './low-water-mark.js';
import type { OutboxConnection } from './outbox-connection.js';
import type { OutboxPublisher } from './outbox-publisher.js';
import { outboxBlockedKeys, outboxPublished } from './outbox.metrics.js';
import type { OutboxBatch } from './outbox-rows.js';

const BATCH_SIZE = 500;

/** Reads and publishes the outbox batch by batch, for one active relay: its low-water mark, its blocked keys, the rows to delete. */
export class OutboxBatches {
  readonly #mark = new LowWaterMark();
  readonly #blocked = new BlockedKeys();
  /** The ids that Kafka has acknowledged since the last read. */
  #published: number[] = [];
  #hasSchemas = false;

  constructor(
    private readonly connection: OutboxConnection,
    private readonly publisher: OutboxPublisher,
    private readonly parts: { schema: string; logger: Log },
  ) {}

  /** Whether there are events that have to be tried again without a wake-up. */
  get hasBlockedKeys(): boolean {
    return this.#blocked.size > 0;
  }

  /** Deletes the rows of the last batch and reads the next one. Rejects when the connection is broken. */
  async read(): Promise<OutboxBatch> {
    const batch = await this.connection.deleteAndRead(this.#published, this.#mark.value, this.#blocked.now(), BATCH_SIZE);
    this.#published = [];
    this.#mark.noteRead(batch);
    return batch;
  }

  /** The number of events that were published. Rejects when Kafka or the registry is unavailable; then the other rows are read again. */
  async publish(batch: OutboxBatch): Promise<number> {
    const { schema, logger } = this.parts;
    try {
      if (!this.#hasSchemas && batch.rows.length > 0) {
        await this.publisher.loadSchemas();
        this.#hasSchemas = true;
      }
      const { published, failed, error } = await this.publisher.publish(batch.rows);
      this.#published = published;
      outboxPublished.inc({ schema }, published.length);
      for (const [key, reason] of failed) {
        logger.error({ error: reason, schema, key, blockedKeys: this.#blocked.size + 1 }, 'event cannot be published, its key is blocked');
        this.#blocked.block(key);
      }
      if (error !== undefined) throw error;
      this.#blocked.release(batch, failed);
    } catch (error) {
      this.#mark.reset();
      throw error;
    }
    outboxBlockedKeys.set({ schema }, this.#blocked.size);
    // The rows of blocked keys stay in the table.
    if (this.#blocked.size > 0) this.#mark.reset();
    return this.#published.length;
  }

  /** Deletes the rows of the last batch, without reading another one. */
  async deletePublished(): Promise<void> {
    if (this.#published.length > 0) await this.connection.deleteAndRead(this.#published, this.#mark.value, [], 0);
    this.#published = [];
  }
}
