import { validCorrelationId, validTraceparent } from '../observability/index.js';
import type { KafkaMessage } from 'kafkajs';
import type { SqlRunner } from '../database/index.js';
import { EVENT_TOPICS, validateEvent, type EventPayloads, type EventToValidate, type EventType, type TopicName } from '../events/index.js';
import { PoisonRecordError, type DecodedEvent } from '../kafka/avro-codec.js';
import { HEADERS, headerText } from '../kafka/event-headers.js';
import type { PartitionPosition } from './consumer-positions.js';

/** An event as a handler receives it, with its position in the log. */
export type ReceivedEvent<T extends EventType = EventType> = {
  [K in T]: {
    type: K;
    /** The same however often the event is delivered. */
    eventId: string;
    /** The id of the aggregate: events of one key are delivered in the order in which they were written. */
    key: string;
    occurredAt: Date;
    /** The time of the record, at or after `occurredAt`: when it was published. */
    recordedAt: Date;
    correlationId: string | null;
    traceparent: string | null;
    /** Without the prefix of this installation. */
    topic: TopicName;
    /** The log to which `offset` belongs: another epoch is another log. */
    epoch: number;
    partition: number;
    offset: number;
    payload: EventPayloads[K];
  };
}[T];

/**
 * The records of all partitions that were available together, in order within each partition.
 * The handler stores effects and positions in one transaction: by `storePositions(manager)`, or by a statement of its own with `positions`
 * that fails unless every row has its `expectedOffset` (then it throws PositionConflictError).
 */
export interface ReceivedBatch {
  records: ReceivedEvent[];
  /** Of every partition that moves, also of those without wanted records. */
  positions: PartitionPosition[];
  storePositions(runner: SqlRunner): Promise<void>;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The event of a record: payload, headers and position. Throws PoisonRecordError when the record cannot be an event of this topic. */
export function toReceivedEvent(
  { type, payload }: DecodedEvent,
  message: Pick<KafkaMessage, 'key' | 'headers' | 'timestamp' | 'offset'>,
  position: { topic: TopicName; epoch: number; partition: number },
): ReceivedEvent {
  const { topic } = position;
  if (!EVENT_TOPICS[type].includes(topic)) throw new PoisonRecordError(`a ${type} on ${topic}, which is not its topic`);
  const eventId = headerText(message.headers, HEADERS.eventId);
  if (eventId === null || !UUID.test(eventId)) throw new PoisonRecordError('no event id in its headers');
  if (!message.key || message.key.length === 0) throw new PoisonRecordError('no key');
  const key = message.key.toString();
  const recordedAt = Number(message.timestamp);
  const occurredAt = headerText(message.headers, HEADERS.occurredAt);
  const problem = validateEvent({ type, payload, topic, key, occurredAt, recordedAt } as EventToValidate);
  if (problem !== null) throw new PoisonRecordError(`an impossible ${type}: ${problem}`);
  return {
    type,
    eventId: eventId.toLowerCase(),
    key,
    occurredAt: new Date(occurredAt ?? recordedAt),
    recordedAt: new Date(recordedAt),
    correlationId: validCorrelationId(headerText(message.headers, HEADERS.correlationId)) ?? null,
    traceparent: validTraceparent(headerText(message.headers, HEADERS.traceparent)) ?? null,
    ...position,
    offset: Number(message.offset),
    payload,
  } as ReceivedEvent;
}
