import { isUtf8 } from 'node:buffer';
import type { IHeaders, KafkaMessage } from 'kafkajs';
import { EVENT_TOPICS, type EventPayloads, type EventType, type TopicName } from '../events/index.js';
import { PoisonRecordError, type DecodedEvent } from '../kafka/avro-codec.js';

/** An event as a handler gets it, with its place in the log. */
export type ReceivedEvent<T extends EventType = EventType> = {
  [K in T]: {
    type: K;
    /** The same however often the event comes. */
    eventId: string;
    /** The aggregate's id: events of one key come in the order in which they were written. */
    key: string;
    occurredAt: Date;
    correlationId: string | null;
    traceparent: string | null;
    /** Without the prefix of this installation. */
    topic: TopicName;
    /** Which log `offset` belongs to: another epoch is another log. */
    epoch: number;
    partition: number;
    offset: number;
    payload: EventPayloads[K];
  };
}[T];

/** How far a consumer group has come in one partition of one log. */
export interface PartitionPosition {
  topic: TopicName;
  epoch: number;
  partition: number;
  /** The offset to go on from once what belongs to this position is stored. */
  nextOffset: number;
  /** The offset that must be stored now; if another is, somebody else has taken over. */
  expectedOffset: number;
}

/** What runs SQL within a transaction: an EntityManager or a pg client. */
export interface SqlRunner {
  query(sql: string, parameters?: unknown[]): Promise<unknown>;
}

/**
 * The records that were there together, of all partitions, in order within each partition.
 * Whoever takes it stores effects and positions in one transaction: `storePositions(manager)`, or `positions` in a statement of its own
 * that fails unless every row has its `expectedOffset` (throw PositionConflictError then).
 */
export interface ReceivedBatch {
  records: ReceivedEvent[];
  /** Of every partition that moves, also of those whose records are of no interest here. */
  positions: PartitionPosition[];
  storePositions(runner: SqlRunner): Promise<void>;
}

export const HEADERS = {
  eventId: 'event-id',
  eventType: 'event-type',
  occurredAt: 'occurred-at',
  correlationId: 'correlation-id',
  traceparent: 'traceparent',
} as const;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const MAX_HEADER_BYTES = 512;

/** One header as text. Of a header that came twice the first counts; bytes that are no text count as none. */
export function headerText(headers: IHeaders | undefined, name: string): string | null {
  if (!headers || !Object.hasOwn(headers, name)) return null;
  const value = headers[name];
  const first = Array.isArray(value) ? value[0] : value;
  if (first === undefined) return null;
  const bytes = typeof first === 'string' ? Buffer.from(first) : first;
  return bytes.length <= MAX_HEADER_BYTES && isUtf8(bytes) ? bytes.toString() : null;
}

/** Puts a record's payload, headers and place together. Throws PoisonRecordError when it is not an event of this topic. */
export function toReceivedEvent(
  { type, payload }: DecodedEvent,
  message: Pick<KafkaMessage, 'key' | 'headers' | 'timestamp' | 'offset'>,
  place: { topic: TopicName; epoch: number; partition: number },
): ReceivedEvent {
  if (EVENT_TOPICS[type] !== place.topic) throw new PoisonRecordError(`a ${type} on ${place.topic}, where it is never announced`);
  const eventId = headerText(message.headers, HEADERS.eventId);
  if (eventId === null || !UUID.test(eventId)) throw new PoisonRecordError('no event id in its headers');
  if (!message.key || message.key.length === 0) throw new PoisonRecordError('no key');
  const occurredAt = new Date(headerText(message.headers, HEADERS.occurredAt) ?? Number(message.timestamp));
  return {
    type,
    eventId: eventId.toLowerCase(),
    key: message.key.toString(),
    occurredAt: Number.isNaN(occurredAt.getTime()) ? new Date(Number(message.timestamp)) : occurredAt,
    correlationId: headerText(message.headers, HEADERS.correlationId),
    traceparent: headerText(message.headers, HEADERS.traceparent),
    ...place,
    offset: Number(message.offset),
    payload,
  } as ReceivedEvent;
}
