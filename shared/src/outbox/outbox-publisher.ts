import type { Kafka, Message, TopicMessages } from 'kafkajs';
import type { Log } from '../observability/index.js';
import { isTransient } from '../errors/index.js';
import { EVENT_TOPICS, isEventType, type EventPayloads, type EventType } from '../events/index.js';
import type { AvroCodec } from '../kafka/avro-codec.js';
import { topicOf, type KafkaSettings } from '../kafka/kafka-client.js';
import type { OutboxRow } from './outbox-rows.js';
import { partsOf, recordBytes, type ReadyRecord } from './record-parts.js';
import { HEADERS } from '../kafka/event-headers.js';
import { UnknownSchemaError } from '../kafka/schema-registry.js';
import { SingleFlightProducer } from '../kafka/single-flight-producer.js';

/**
 * Kafka rejects a batch of more than `max.message.bytes` of the topic (1,048,588 by default). kafkajs makes one batch of all records of a
 * partition that are sent together; the limit here is for those of all partitions together, which is simpler and as fast.
 */
const MAX_BATCH_BYTES = 900_000;
const MAX_RECORD_BYTES = 900_000;

/** The outcome of publishing some rows. */
export interface PublishResult {
  /** The ids that Kafka has acknowledged. */
  published: number[];
  /** The keys whose next event cannot be published as it is, with the reason; no later event of these keys was sent. */
  failed: Map<string, unknown>;
  /** Why it ended before the last row: Kafka or the registry is unavailable. The rows that are not published must be sent again, in the same order. */
  error?: unknown;
}

/** Sends rows of the outbox to Kafka, in order, in batches that it accepts. */
export class OutboxPublisher {
  readonly #producer: SingleFlightProducer;
  /** Decreases when a topic has a lower limit. */
  #maxBatchBytes = MAX_BATCH_BYTES;

  constructor(
    private readonly config: KafkaSettings,
    kafka: Kafka,
    private readonly codec: AvroCodec,
    private readonly log: Log,
  ) {
    this.#producer = new SingleFlightProducer(kafka);
  }

  /** Loads the ids of all schemas, so that the registry is not needed afterwards. */
  async loadSchemas(): Promise<void> {
    for (const type of Object.keys(EVENT_TOPICS) as EventType[]) {
      try {
        await this.codec.loadSchema(type);
      } catch (error) {
        // The schema is not registered: only the events of this type are blocked.
        if (!(error instanceof UnknownSchemaError)) throw error;
        this.log.error({ error, type }, 'event type has no schema in the registry');
      }
    }
  }

  /** Never rejects. */
  async publish(rows: OutboxRow[]): Promise<PublishResult> {
    const result: PublishResult = { published: [], failed: new Map() };
    try {
      const ready = await this.#encode(rows, result.failed);
      const rejected = new Set<string>();
      for (const part of partsOf(ready, this.#maxBatchBytes)) await this.#send(part, rejected, result);
    } catch (error) {
      result.error = error;
    }
    return result;
  }

  async stop(withinMs?: number): Promise<void> {
    await this.#producer.stop(withinMs);
  }

  async #encode(rows: OutboxRow[], failed: PublishResult['failed']): Promise<ReadyRecord[]> {
    const ready: ReadyRecord[] = [];
    for (const row of rows) {
      if (failed.has(row.key)) continue;
      try {
        if (isEventType(row.type)) await this.#loadSchema(row.type);
        ready.push({ row, message: this.#toMessage(row) });
      } catch (error) {
        if (isTransient(error)) throw error;
        failed.set(row.key, error);
      }
    }
    return ready;
  }

  /**
   * Kafka may reject a batch for good, for its size or for one of its records. Then each half of it is sent, so that in the end only the key of
   * that record is blocked.
   */
  async #send(records: ReadyRecord[], rejectedKeys: Set<string>, result: PublishResult): Promise<void> {
    const ready = records.filter(({ row }) => !rejectedKeys.has(row.key));
    if (ready.length === 0) return;
    try {
      await this.#producer.send(this.#byTopic(ready));
      result.published.push(...ready.map(({ row }) => row.id));
    } catch (error) {
      if (isTransient(error)) throw error;
      if (ready.length === 1) {
        const { key } = ready[0]!.row;
        rejectedKeys.add(key);
        result.failed.set(key, error);
        return;
      }
      const bytes = ready.reduce((sum, { message }) => sum + recordBytes(message), 0);
      if (isTooLarge(error)) {
        this.#maxBatchBytes = Math.min(this.#maxBatchBytes, bytes / 2);
        this.log.warn({ bytes, maxBatchBytes: this.#maxBatchBytes }, 'Kafka has rejected a batch as too large, sending smaller ones');
      }
      const half = Math.ceil(ready.length / 2);
      await this.#send(ready.slice(0, half), rejectedKeys, result);
      await this.#send(ready.slice(half), rejectedKeys, result);
    }
  }

  async #loadSchema(type: EventType): Promise<void> {
    if (!this.codec.hasSchema(type)) await this.codec.loadSchema(type);
  }

  #toMessage(row: OutboxRow): Message {
    if (!isEventType(row.type) || !(EVENT_TOPICS[row.type] as readonly string[]).includes(row.topic))
      throw new Error(`${row.type} on ${row.topic} is not in the catalogue of events`);
    const value = this.codec.encodeSync(row.type, JSON.parse(row.payload) as EventPayloads[EventType]);
    if (value.length > MAX_RECORD_BYTES) throw new Error(`an event of ${value.length} bytes is too large`);
    const headers: Record<string, string> = {
      [HEADERS.eventId]: row.eventId,
      [HEADERS.eventType]: row.type,
      [HEADERS.occurredAt]: row.createdAt.toISOString(),
    };
    if (row.correlationId !== null) headers[HEADERS.correlationId] = row.correlationId;
    if (row.traceparent !== null) headers[HEADERS.traceparent] = row.traceparent;
    return { key: row.key, value, headers };
  }

  #byTopic(ready: ReadyRecord[]): TopicMessages[] {
    return [...Map.groupBy(ready, ({ row }) => row.topic)].map(([topic, ofTopic]) => ({
      topic: topicOf(this.config, topic),
      messages: ofTopic.map(({ message }) => message),
    }));
  }
}

/** kafkajs wraps the error of the broker, or does not. */
function isTooLarge(error: unknown): boolean {
  const { type, cause } = error as { type?: string; cause?: { type?: string } };
  return type === 'MESSAGE_TOO_LARGE' || cause?.type === 'MESSAGE_TOO_LARGE';
}
