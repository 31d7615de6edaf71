import type { Kafka, Message, TopicMessages } from 'kafkajs';
import type { Log } from '../observability/index.js';
import { isTransient } from '../errors/index.js';
import { EVENT_TOPICS, isEventType, type EventPayloads, type EventType } from '../events/index.js';
import type { AvroCodec } from '../kafka/avro-codec.js';
import { topicOf, type KafkaSettings } from '../kafka/kafka-client.js';
import type { OutboxRow } from './outbox-rows.js';
import { HEADERS } from '../consumer/received-event.js';
import { UnknownSchemaError } from '../kafka/schema-registry.js';
import { SingleFlightProducer } from '../kafka/single-flight-producer.js';

const MAX_RECORD_BYTES = 900_000;

export interface PublishResult {
  /** Ids that Kafka has acknowledged. */
  announced: number[];
  /** Keys whose next event can never be announced as it is; nothing after it was sent. */
  failed: Map<string, unknown>;
}

/** Sends rows of the outbox, in order. Rejects when Kafka or the registry is away: then everything is to be sent again, in the same order. */
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

  /** Asks for the ids of all schemas, so that the registry may go away afterwards. */
  async knowSchemas(): Promise<void> {
    for (const type of Object.keys(EVENT_TOPICS) as EventType[]) {
      try {
        await this.codec.loadSchema(type);
      } catch (error) {
        // Not registered: only the events of this type have to wait.
        if (!(error instanceof UnknownSchemaError)) throw error;
        this.log.error({ error, type }, 'an event has no schema in the registry');
      }
    }
  }

  async publish(rows: OutboxRow[]): Promise<PublishResult> {
    const failed = new Map<string, unknown>();
    const ready: { row: OutboxRow; message: Message }[] = [];
    for (const row of rows) {
      if (failed.has(row.key)) continue;
      try {
        if (isEventType(row.type)) await this.#know(row.type);
        ready.push({ row, message: this.#toMessage(row) });
      } catch (error) {
        if (isTransient(error)) throw error;
        failed.set(row.key, error);
      }
    }
    if (ready.length === 0) return { announced: [], failed };
    try {
      await this.#producer.send(this.#byTopic(ready));
      return { announced: ready.map(({ row }) => row.id), failed };
    } catch (error) {
      if (isTransient(error)) throw error;
      return { announced: await this.#sendOneByOne(ready, failed), failed };
    }
  }

  async stop(withinMs?: number): Promise<void> {
    await this.#producer.stop(withinMs);
  }

  /** Kafka refused the batch for good, perhaps because of one record: find it, so that it stops nobody but its own key. */
  async #sendOneByOne(ready: { row: OutboxRow; message: Message }[], failed: Map<string, unknown>): Promise<number[]> {
    const announced: number[] = [];
    for (const one of ready) {
      if (failed.has(one.row.key)) continue;
      try {
        await this.#producer.send(this.#byTopic([one]));
        announced.push(one.row.id);
      } catch (error) {
        if (isTransient(error)) throw error;
        failed.set(one.row.key, error);
      }
    }
    return announced;
  }

  async #know(type: EventType): Promise<void> {
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
