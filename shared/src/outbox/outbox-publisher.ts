import type { Kafka, Message, TopicMessages } from 'kafkajs';
import type { Log } from '../observability/index.js';
import { isTransient } from '../errors/index.js';
import { EVENT_TOPICS, isEventType, type EventPayloads, type EventType } from '../events/index.js';
import type { AvroCodec } from '../kafka/avro-codec.js';
import { topicOf, type KafkaSettings } from '../kafka/kafka-client.js';
import type { OutboxRow } from './outbox-rows.js';
import { HEADERS } from '../kafka/event-headers.js';
import { UnknownSchemaError } from '../kafka/schema-registry.js';
import { SingleFlightProducer } from '../kafka/single-flight-producer.js';

const MAX_RECORD_BYTES = 900_000;

/** The outcome of publishing some rows. */
export interface PublishResult {
  /** The ids that Kafka has acknowledged. */
  published: number[];
  /** The keys whose next event cannot be published as it is, with the reason; no later event of these keys was sent. */
  failed: Map<string, unknown>;
}

/** Sends rows of the outbox to Kafka, in order. Rejects when Kafka or the registry is unavailable: then all rows must be sent again, in the same order. */
export class OutboxPublisher {
  readonly #producer: SingleFlightProducer;

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

  async publish(rows: OutboxRow[]): Promise<PublishResult> {
    const failed = new Map<string, unknown>();
    const ready: { row: OutboxRow; message: Message }[] = [];
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
    if (ready.length === 0) return { published: [], failed };
    try {
      await this.#producer.send(this.#byTopic(ready));
      return { published: ready.map(({ row }) => row.id), failed };
    } catch (error) {
      if (isTransient(error)) throw error;
      return { published: await this.#sendOneByOne(ready, failed), failed };
    }
  }

  async stop(withinMs?: number): Promise<void> {
    await this.#producer.stop(withinMs);
  }

  /** Kafka has rejected the batch for good, perhaps because of one record: sends each alone, so that only the key of that record is blocked. */
  async #sendOneByOne(ready: { row: OutboxRow; message: Message }[], failed: Map<string, unknown>): Promise<number[]> {
    const published: number[] = [];
    for (const one of ready) {
      if (failed.has(one.row.key)) continue;
      try {
        await this.#producer.send(this.#byTopic([one]));
        published.push(one.row.id);
      } catch (error) {
        if (isTransient(error)) throw error;
        failed.set(one.row.key, error);
      }
    }
    return published;
  }

  async #loadSchema(type: EventType): Promise<void> {
    if (!this.codec.hasSchema(type)) await this.codec.loadSchema(type);
  }

  #toMessage(row: OutboxRow): Message {
    if (!isEventType(row.type) || EVENT_TOPICS[row.type] !== row.topic)
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

  #byTopic(ready: { row: OutboxRow; message: Message }[]): TopicMessages[] {
    return [...Map.groupBy(ready, ({ row }) => row.topic)].map(([topic, ofTopic]) => ({
      topic: topicOf(this.config, topic),
      messages: ofTopic.map(({ message }) => message),
    }));
  }
}
