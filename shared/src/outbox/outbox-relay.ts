import type { Redis } from 'ioredis';
import { Client } from 'pg';
import type { Log } from '../observability/index.js';
import type { DatabaseConfig, RedisConfig } from '../config/index.js';
import { connectionOptions } from '../database/index.js';
import { channels, createRedis, LiveChannels } from '../realtime/index.js';
import { AvroCodec } from '../kafka/avro-codec.js';
import { BlockedKeys } from './blocked-keys.js';
import { createKafka, type KafkaSettings } from '../kafka/kafka-client.js';
import { LowWaterMark } from './low-water-mark.js';
import { outboxBlockedKeys, outboxOldestSeconds, outboxPending, outboxPublished } from './outbox.metrics.js';
import { OutboxPublisher } from './outbox-publisher.js';
import { deleteAndRead, measureOutbox, tryToLead } from './outbox-rows.js';

const BATCH_SIZE = 500;
/** At least this long from one batch to the next: events that come meanwhile go together, which saves more than the wait costs. */
const PACE_MS = 5;
/** How long announced rows may stay in the table when nothing else happens. */
const DELETE_WITHIN_MS = 20;
/** Without a wake-up, the table is looked at this often. */
const POLL_MS = 250;
/** How often an instance that does not lead tries to. */
const LEAD_EVERY_MS = 1000;
const RECONNECT_MS = 500;
const MEASURE_EVERY_MS = 2000;
/** How long a stop goes on announcing what is in the table. */
const FLUSH_MS = 3000;

export interface OutboxRelayOptions {
  config: DatabaseConfig;
  schema: string;
  kafka: KafkaSettings;
  /** To wake the relay of another instance; without it that one finds the events at its next look. */
  redis?: RedisConfig;
  logger: Log;
}

/**
 * Announces what is in the outbox of a schema: every committed event at least once, and for each key in the order in which its events were
 * written, whatever crashes in between.
 *
 * One relay per schema is active, the one that holds an advisory lock on its own connection; another instance takes over within seconds.
 * It reads in order of id, sends one batch at a time, and deletes rows after Kafka's acknowledgement, so a crash between the two announces
 * again. A key whose event cannot be announced stops there, and the others go on. It does not order events of different keys, and does
 * not keep an event from being announced twice: consumers take each event id once.
 *
 * `start` returns at once and waits for PostgreSQL, Kafka and the registry by itself; `stop` announces what is left, for at most three
 * seconds. `wake` after a commit; otherwise events wait for the next look, a quarter of a second at most.
 */
export class OutboxRelay {
  readonly #publisher: OutboxPublisher;
  readonly #hints: Redis | null = null;
  readonly #channels: LiveChannels | null = null;
  #running: Promise<void> | null = null;
  #client: Client | null = null;
  #leads = false;
  #stopping = false;
  #stopped: Promise<void> | undefined;
  #woken = false;
  #wakeUp: () => void = () => undefined;
  #hintSentAt = 0;
  #isReading = false;
  #measuring: Promise<void> = Promise.resolve();

  constructor(private readonly options: OutboxRelayOptions) {
    const { kafka, schema, redis, logger } = options;
    this.#publisher = new OutboxPublisher(kafka, createKafka(kafka, `${schema}-outbox`, logger), new AvroCodec(kafka), logger);
    if (redis) {
      this.#hints = createRedis(redis, `${schema}-outbox`, logger);
      this.#channels = new LiveChannels(createRedis(redis, `${schema}-outbox-hints`, logger), logger);
    }
  }

  /** True while this instance is the one that announces. */
  get isActive(): boolean {
    return this.#leads;
  }

  start(): void {
    this.#running ??= this.#run();
    void this.#channels?.subscribe(channels.outbox(this.options.schema), () => this.#wake());
  }

  stop(): Promise<void> {
    return (this.#stopped ??= this.#stop());
  }

  async #stop(): Promise<void> {
    this.#stopping = true;
    this.#wake();
    const deadline = setTimeout(() => {
      // Kafka or PostgreSQL does not answer: what is left stays in the table.
      void this.#publisher.stop(0);
      void this.#client?.end().catch(() => undefined);
    }, FLUSH_MS + 1000);
    await this.#running;
    clearTimeout(deadline);
    await this.#publisher.stop();
    this.#channels?.close();
    this.#hints?.disconnect();
  }

  /** Call it after a commit that wrote to the outbox. Cheap, however often. */
  wake(): void {
    this.#wake();
    if (this.#leads || !this.#hints || this.#hints.status !== 'ready') return;
    const now = performance.now();
    if (now - this.#hintSentAt < PACE_MS) return;
    this.#hintSentAt = now;
    // Only a hint: the active relay looks by itself soon enough.
    this.#hints.publish(channels.outbox(this.options.schema), '').catch(() => undefined);
  }

  #wake(): void {
    this.#woken = true;
    this.#wakeUp();
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      const client = new Client({
        ...connectionOptions({
          config: this.options.config,
          schema: this.options.schema,
          applicationName: `${this.options.schema}-outbox`,
          // A delete that is lost in a crash announces again. A seq scan planned while the table is empty would stay.
          settings: {
            synchronous_commit: 'off',
            enable_seqscan: 'off',
            tcp_keepalives_idle: '2',
            tcp_keepalives_interval: '1',
            tcp_keepalives_count: '2',
          },
        }),
      });
      // Without a listener a broken connection would end the process; the query that meets it tells us.
      client.on('error', () => this.#wake());
      try {
        await client.connect();
        this.#client = client;
        while (!this.#stopping && !(await tryToLead(client))) await this.#pause(LEAD_EVERY_MS, { evenIfWoken: true });
        if (this.#stopping) return;
        const measuring = setInterval(() => this.#measure(client), MEASURE_EVERY_MS);
        await this.#lead(client).finally(() => clearInterval(measuring));
      } catch (error) {
        if (!this.#stopping)
          this.options.logger.warn({ error, schema: this.options.schema }, 'the outbox relay lost its database, connecting again');
      } finally {
        this.#leads = false;
        this.#isReading = false;
        for (const gauge of [outboxPending, outboxOldestSeconds, outboxBlockedKeys]) gauge.remove({ schema: this.options.schema });
        this.#client = null;
        await client.end().catch(() => undefined);
      }
      if (!this.#stopping) await this.#pause(RECONNECT_MS, { evenIfWoken: true });
    }
  }

  /** Announces until it is stopped or loses its connection, and with it the lock. */
  async #lead(client: Client): Promise<void> {
    const { logger, schema } = this.options;
    this.#leads = true;
    logger.info({ schema }, 'outbox relay is active');
    const mark = new LowWaterMark();
    const blocked = new BlockedKeys();
    let announced: number[] = [];
    let failures = 0;
    let knowsSchemas = false;
    let flushUntil = Infinity;
    for (;;) {
      if (this.#stopping) flushUntil = Math.min(flushUntil, performance.now() + FLUSH_MS);
      const startedAt = performance.now();
      this.#woken = false;
      const excluded = blocked.now();
      await this.#measuring;
      this.#isReading = true;
      const read = await deleteAndRead(client, announced, mark.value, excluded, BATCH_SIZE);
      this.#isReading = false;
      announced = [];
      mark.noteRead(read);
      try {
        if (!knowsSchemas && read.rows.length > 0) {
          await this.#publisher.knowSchemas();
          knowsSchemas = true;
        }
        const result = await this.#publisher.publish(read.rows);
        announced = result.announced;
        for (const [key, error] of result.failed) {
          logger.error({ error, schema, key, blockedKeys: blocked.size + 1 }, 'an event cannot be announced, its key waits');
          blocked.block(key);
        }
        blocked.release(read, result.failed);
        failures = 0;
      } catch (error) {
        mark.reset();
        if (this.#stopping) return;
        if (failures++ % 30 === 0)
          logger.warn({ error, schema, waiting: read.rows.length }, 'events cannot be announced now, trying again');
        await this.#pause(Math.min(1000, 50 * 2 ** Math.min(failures, 5)), { evenIfWoken: true });
        continue;
      }
      outboxPublished.inc({ schema }, announced.length);
      outboxBlockedKeys.set({ schema }, blocked.size);
      // Rows of blocked keys stay behind.
      if (blocked.size > 0) mark.reset();
      if (announced.length === 0) {
        if (this.#stopping) return;
        await this.#pause(POLL_MS);
      } else if (performance.now() > flushUntil) {
        await deleteAndRead(client, announced, mark.value, [], 0);
        return;
      } else if (!read.wasCut) {
        // Nothing more was there: the delete goes with the read that the next event wakes.
        await this.#pause(DELETE_WITHIN_MS);
      }
      const spare = PACE_MS - (performance.now() - startedAt);
      if (spare > 0 && !this.#stopping) await new Promise((resolve) => setTimeout(resolve, spare));
    }
  }

  /** Also while Kafka is away and no batch ends, but never beside a read: the connection does one thing at a time. */
  #measure(client: Client): void {
    if (this.#isReading) return;
    const { schema } = this.options;
    this.#measuring = measureOutbox(client).then(
      ({ pending, oldestSeconds }) => {
        outboxPending.set({ schema }, pending);
        outboxOldestSeconds.set({ schema }, oldestSeconds);
      },
      // The connection is broken: the next read says so.
      () => undefined,
    );
  }

  /** Ends early at a wake-up, and at a stop in any case. */
  async #pause(ms: number, { evenIfWoken = false } = {}): Promise<void> {
    if ((this.#woken && !evenIfWoken) || this.#stopping) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wakeUp = () => {
        if (evenIfWoken && !this.#stopping) return;
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wakeUp = () => undefined;
  }
}
