import type { KafkaMessage } from 'kafkajs';
import { HEADERS, headerText } from '../kafka/event-headers.js';

/** Identifies the record at an offset of one log: in another log, the record at that offset is another one. */
export interface RecordIdentity {
  offset: number;
  /** Null for a record that is not an event. */
  eventId: string | null;
  /** Milliseconds since 1970, as Kafka stores it. */
  timestamp: number;
}

export function identityOf({ offset, headers, timestamp }: Pick<KafkaMessage, 'offset' | 'headers' | 'timestamp'>): RecordIdentity {
  return { offset: Number(offset), eventId: headerText(headers, HEADERS.eventId), timestamp: Number(timestamp) };
}

export function isSameRecord(a: RecordIdentity, b: RecordIdentity): boolean {
  return a.offset === b.offset && a.eventId === b.eventId && a.timestamp === b.timestamp;
}
