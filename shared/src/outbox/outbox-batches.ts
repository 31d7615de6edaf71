import type { Log } from '../observability/index.js';
import { BlockedKeys } from './blocked-keys.js';
import { LowWaterMark } from './low-water-mark.js';
import { type CommittedRows, OfferedRows } from './offered-rows.js';
import type { OutboxConnection } from './outbox-connection.js';
import type { OutboxPublisher } from './outbox-publisher.js';
import { outboxBlockedKeys, outboxPublished } from './outbox.metrics.js';
import type { OutboxBatch, OutboxRow } from './outbox-rows.js';

const BATCH_SIZE = 500;
/** The longest time without a read of the table, which deletes the published rows. After a crash, those are published again. */
const READ_WITHIN_MS = 1000;

/** Reads and publishes the outbox batch by batch, for one active relay: its low-water mark, its blocked keys, the rows to publish and to delete. */
export class OutboxBatches {
  readonly #mark = new LowWaterMark();
  readonly #blocked = new BlockedKeys();
  readonly #offered = new OfferedRows();
  #readAt = -Infinity;
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

  /** Whether rows were offered that are not published yet. */
  get hasOffered(): boolean {
    return !this.#offered.isEmpty;
  }

  /** False: the table has to be read to find these rows. See OfferedRows. */
  offer(committed: CommittedRows): boolean {
    return this.#offered.offer(committed);
  }

  /** The rows that were offered, if that is all there is to do now; null when the table has to be read. */
  takeOffered(): { rows: OutboxRow[]; wasCut: false } | null {
    const mustRead = this.#offered.isEmpty || this.#published.length >= BATCH_SIZE || performance.now() - this.#readAt >= READ_WITHIN_MS;
    return mustRead ? null : { rows: this.#offered.take(), wasCut: false };
  }

  /** Deletes the published rows and reads the next ones. Rejects when the connection is broken. */
  async read(): Promise<OutboxBatch> {
    this.#readAt = performance.now();
    const batch = await this.connection.deleteAndRead(this.#published, this.#mark.value, this.#blocked.now(), BATCH_SIZE);
    this.#published = [];
    this.#mark.noteRead(batch);
    this.#offered.noteRead(batch.rows, this.#mark.value, batch.wasCut);
    return batch;
  }

  /** The number of events that were published. Rejects when Kafka or the registry is unavailable; then the other rows are read again. */
  async publish(batch: Pick<OutboxBatch, 'rows' | 'wasCut'>): Promise<number> {
    const { schema, logger } = this.parts;
    try {
      if (!this.#hasSchemas && batch.rows.length > 0) {
        await this.publisher.loadSchemas();
        this.#hasSchemas = true;
      }
      const { published, failed, error } = await this.publisher.publish(batch.rows);
      this.#published.push(...published);
      outboxPublished.inc({ schema }, published.length);
      for (const [key, reason] of failed) {
        logger.error({ error: reason, schema, key, blockedKeys: this.#blocked.size + 1 }, 'event cannot be published, its key is blocked');
        this.#blocked.block(key);
      }
      if (error !== undefined) throw error;
      this.#blocked.release(batch, failed);
      outboxBlockedKeys.set({ schema }, this.#blocked.size);
      // The rows of blocked keys stay in the table.
      if (this.#blocked.size > 0) this.#reset();
      return published.length;
    } catch (error) {
      this.#reset();
      throw error;
    }
  }

  #reset(): void {
    this.#mark.reset();
    this.#offered.reset();
  }

  /** Deletes the published rows, without reading others. */
  async deletePublished(): Promise<void> {
    if (this.#published.length > 0) await this.connection.deleteAndRead(this.#published, this.#mark.value, [], 0);
    this.#published = [];
  }
}
