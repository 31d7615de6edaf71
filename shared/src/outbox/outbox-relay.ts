import { type NextRound, PollingWorker } from '../async/index.js';
import type { DatabaseConfig, RedisConfig } from '../config/index.js';
import { AvroCodec } from '../kafka/avro-codec.js';
import { createKafka, type KafkaSettings } from '../kafka/kafka-client.js';
import type { Log } from '../observability/index.js';
import { OutboxBatches } from './outbox-batches.js';
import { OutboxConnection } from './outbox-connection.js';
import { OutboxPublisher } from './outbox-publisher.js';
import { outboxBlockedKeys } from './outbox.metrics.js';
import type { CommittedRows } from './offered-rows.js';
import { RelayHints } from './relay-hints.js';

/** The least time from one batch to the next: events that are written in between go together, which saves more than the wait costs. */
const PACE_MS = 5;
/** After a batch: until the read that deletes its rows, when nothing else happens. */
const DELETE_WITHIN_MS = 1000;
/** How often events are searched for without a wake-up while other instances cannot send hints. */
const POLL_INTERVAL_MS = 250;
/** The same while hints arrive: only one that its sender could not send, or that was lost with a connection, is waited for. */
const POLL_INTERVAL_WITH_HINTS_MS = 5000;
/** How often an instance that is not active tries to become it. */
const LEAD_INTERVAL_MS = 1000;
const RECONNECT_MS = 500;
/**
 * The limit of a statement, unless the options have one. The first read has to pass all rows that are deleted but not vacuumed, which may be
 * millions after an outage of Kafka: a read that exceeds the limit is repeated with twice the limit.
 */
const STATEMENT_TIMEOUT_MS = 5000;
const MAX_STATEMENT_TIMEOUT_MS = 600_000;
const PUBLISH_BACKOFF = { firstMs: 100, maxMs: 1000 };
/** Of failed attempts in a row, the first is logged and then every thirtieth: two lines each minute. */
const LOG_EVERY_ATTEMPTS = 30;
/** The longest time for which a stop continues to publish what is in the table. */
const FLUSH_MS = 3000;

/** The outbox that a relay reads, and the Kafka to which it publishes. */
export interface OutboxRelayOptions {
  config: DatabaseConfig;
  schema: string;
  kafka: KafkaSettings;
  /** Used to wake the active relay of another instance; without it, that relay finds the events when it polls. */
  redis?: RedisConfig;
  logger: Log;
  /** How often events are searched for without a wake-up, in milliseconds (default 250, and 5,000 while hints of other instances arrive). */
  pollIntervalMs?: number;
  /** The limit of the first attempt of a read, in milliseconds (default 5,000). */
  statementTimeoutMs?: number;
}

/**
 * Publishes the events in the outbox of a schema: every committed event at least once, and the events of each key in the order in which
 * they were written, whatever crashes in between.
 *
 * One relay per schema is active: the one that holds an advisory lock on its connection. Another instance takes over within seconds. It reads
 * in the order of ids, sends one batch at a time, and deletes rows after the acknowledgement of Kafka; after a crash between the two, it
 * publishes them again. A key whose event cannot be published is blocked; the other keys continue. It does not order events of
 * different keys, and does not prevent duplicates: consumers process each event id once.
 *
 * `start` returns at once and waits for PostgreSQL, Kafka and the registry; `stop` publishes what is left, for at most 3 s. Call `wake`
 * after a commit; without it, events wait for the next poll, 5 s at most.
 */
export class OutboxRelay {
  readonly #publisher: OutboxPublisher;
  readonly #hints: RelayHints | null;
  readonly #worker: PollingWorker;
  #connection: OutboxConnection | null = null;
  /** Not null while this instance is the active one. */
  #batches: OutboxBatches | null = null;
  #statementTimeoutMs: number;
  /** False while offered rows are all that is new. */
  #mustRead = true;
  #stopped: Promise<void> | undefined;

  constructor(private readonly options: OutboxRelayOptions) {
    const { kafka, schema, redis, logger, statementTimeoutMs = STATEMENT_TIMEOUT_MS } = options;
    this.#statementTimeoutMs = statementTimeoutMs;
    this.#publisher = new OutboxPublisher(kafka, createKafka(kafka, `${schema}-outbox`, logger), new AvroCodec(kafka), logger);
    this.#hints = redis ? new RelayHints(redis, schema, logger) : null;
    this.#worker = new PollingWorker({
      round: (signal) => this.#round(signal),
      backoff: PUBLISH_BACKOFF,
      paceMs: PACE_MS,
      drainMs: FLUSH_MS,
      onError: (error, attempt) => {
        if (attempt % LOG_EVERY_ATTEMPTS === 0) logger.warn({ error, schema, attempt }, 'events cannot be published, retrying');
      },
    });
  }

  /** True while this instance is the one that publishes. */
  get isActive(): boolean {
    return this.#batches !== null;
  }

  start(): void {
    this.#worker.start();
    this.#hints?.onHint(() => this.#read());
  }

  stop(): Promise<void> {
    return (this.#stopped ??= this.#stop());
  }

  /** Call it after a commit that wrote to the outbox. Cheap, however often it is called. */
  wake(): void {
    this.#read();
    if (!this.isActive) this.#hints?.send(PACE_MS);
  }

  /** In place of `wake()`, with the rows of the transaction: an active relay need not read them, if no other transaction has written in between. */
  offer(committed: CommittedRows): void {
    if (this.#batches?.offer(committed)) this.#worker.wake();
    else this.wake();
  }

  #read(): void {
    this.#mustRead = true;
    this.#worker.wake();
  }

  async #stop(): Promise<void> {
    const deadline = setTimeout(() => {
      // Kafka or PostgreSQL does not answer: what is left stays in the table.
      void this.#publisher.stop(0);
      void this.#connection?.close();
    }, FLUSH_MS + 1000);
    await this.#worker.stop();
    // The rows of a batch that was published last, when the flush ended with it.
    await this.#batches?.deletePublished().catch(() => undefined);
    clearTimeout(deadline);
    await this.#disconnect();
    await this.#publisher.stop();
    this.#hints?.close();
  }

  /** Connects, becomes active, or publishes one batch. Rejects when Kafka or the registry is unavailable. */
  async #round(signal: AbortSignal): Promise<NextRound> {
    let batch;
    try {
      const batches = this.#batches ?? (signal.aborted ? null : await this.#lead());
      if (!batches) return { inMs: LEAD_INTERVAL_MS, wakeable: false };
      batch = this.#mustRead ? null : batches.takeOffered();
      this.#mustRead = false;
      batch ??= await batches.read();
    } catch (error) {
      const { logger, schema } = this.options;
      if (isTimeout(error)) this.#statementTimeoutMs = Math.min(2 * this.#statementTimeoutMs, MAX_STATEMENT_TIMEOUT_MS);
      if (!signal.aborted) logger.warn({ error, schema }, 'the outbox relay lost its database connection, connecting again');
      const wasActive = this.isActive;
      await this.#disconnect();
      this.#mustRead = true;
      // Another instance may be the active one by now: it got no hint of what was written while this one took itself for it.
      if (wasActive) this.#hints?.send(PACE_MS);
      return { inMs: RECONNECT_MS, wakeable: false };
    }
    const published = await this.#batches!.publish(batch);
    if (this.#batches!.hasOffered || (published > 0 && (batch.wasCut || signal.aborted))) return 0;
    // The delete goes together with the read for the next event.
    return published > 0 ? Math.min(DELETE_WITHIN_MS, this.#pollIntervalMs()) : this.#pollIntervalMs();
  }

  #pollIntervalMs(): number {
    const areHintsEnough = this.#hints?.isLive && !this.#batches!.hasBlockedKeys;
    return this.options.pollIntervalMs ?? (areHintsEnough ? POLL_INTERVAL_WITH_HINTS_MS : POLL_INTERVAL_MS);
  }

  /** Null while another instance is active. */
  async #lead(): Promise<OutboxBatches | null> {
    const { config, schema, logger } = this.options;
    const statementTimeoutMs = this.#statementTimeoutMs;
    this.#connection ??= await OutboxConnection.open({ config, schema, statementTimeoutMs, onBroken: () => this.#read() });
    if (!(await this.#connection.tryToLead())) return null;
    logger.info({ schema }, 'outbox relay is active');
    return (this.#batches = new OutboxBatches(this.#connection, this.#publisher, { schema, logger }));
  }

  /** Gives up the connection, and the lock with it. */
  async #disconnect(): Promise<void> {
    this.#batches = null;
    outboxBlockedKeys.remove({ schema: this.options.schema });
    const connection = this.#connection;
    this.#connection = null;
    await connection?.close();
  }
}

/** Of the server (query_canceled) or of the client (pg). */
function isTimeout(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return code === '57014' || message === 'Query read timeout';
}
