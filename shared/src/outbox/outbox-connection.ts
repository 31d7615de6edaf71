import { Client } from 'pg';
import type { DatabaseConfig } from '../config/index.js';
import { connectionOptions } from '../database/index.js';
import { outboxOldestSeconds, outboxPending } from './outbox.metrics.js';
import { deleteAndRead, measureOutbox, type OutboxBatch, tryToLead } from './outbox-rows.js';

const MEASURE_INTERVAL_MS = 2000;

/** The settings of the session: a delete that is lost in a crash only publishes again, and a broken connection is found within seconds. */
const SETTINGS = {
  synchronous_commit: 'off',
  // A sequential scan that is planned while the table is empty would stay.
  enable_seqscan: 'off',
  tcp_keepalives_idle: '2',
  tcp_keepalives_interval: '1',
  tcp_keepalives_count: '2',
};

/**
 * The connection of a relay to its outbox. While it is the active one, it holds the lock and measures the table for the metrics, unless the
 * last read has found it empty.
 */
export class OutboxConnection {
  #isReading = false;
  #isEmpty = false;
  #readAbove = 0;
  #measuring: Promise<void> = Promise.resolve();
  #measureTimer: NodeJS.Timeout | undefined;

  private constructor(
    private readonly client: Client,
    private readonly schema: string,
  ) {}

  /** `onBroken` is called when the connection breaks; the next statement rejects. */
  static async open(parts: {
    config: DatabaseConfig;
    schema: string;
    statementTimeoutMs: number;
    onBroken: () => void;
  }): Promise<OutboxConnection> {
    const { config, schema, statementTimeoutMs, onBroken } = parts;
    const settings = { ...SETTINGS, statement_timeout: String(statementTimeoutMs) };
    const client = new Client(connectionOptions({ config, schema, applicationName: `${schema}-outbox`, settings }));
    // Without a listener, a broken connection would end the process.
    client.on('error', onBroken);
    try {
      await client.connect();
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
    return new OutboxConnection(client, schema);
  }

  /** Whether this connection now holds the lock of the active relay; it holds it until it is closed. */
  async tryToLead(): Promise<boolean> {
    const leads = await tryToLead(this.client);
    if (leads) this.#measureTimer ??= setInterval(() => this.#measure(), MEASURE_INTERVAL_MS);
    return leads;
  }

  /** See `deleteAndRead`. Waits for a measurement that is in progress. */
  async deleteAndRead(published: number[], above: number, blockedKeys: string[], limit: number): Promise<OutboxBatch> {
    await this.#measuring;
    this.#isReading = true;
    this.#readAbove = above;
    try {
      const batch = await deleteAndRead(this.client, published, above, blockedKeys, limit);
      this.#isEmpty = batch.rows.length === 0 && blockedKeys.length === 0 && limit > 0;
      if (this.#isEmpty) this.#show({ pending: 0, oldestSeconds: 0 });
      return batch;
    } finally {
      this.#isReading = false;
    }
  }

  /** Never rejects. */
  async close(): Promise<void> {
    clearInterval(this.#measureTimer);
    for (const gauge of [outboxPending, outboxOldestSeconds]) gauge.remove({ schema: this.schema });
    await this.client.end().catch(() => undefined);
  }

  /** Also while Kafka is unavailable and no batch finishes, but never during a read: a connection runs one statement at a time. */
  #measure(): void {
    if (this.#isReading || this.#isEmpty) return;
    this.#measuring = measureOutbox(this.client, this.#readAbove).then(
      (size) => this.#show(size),
      // The connection is broken: the next read reports it.
      () => undefined,
    );
  }

  #show({ pending, oldestSeconds }: { pending: number; oldestSeconds: number }): void {
    outboxPending.set({ schema: this.schema }, pending);
    outboxOldestSeconds.set({ schema: this.schema }, oldestSeconds);
  }
}
