import { isUtf8 } from 'node:buffer';
import type { IHeaders } from 'kafkajs';

/** The Kafka headers of an event record. */
export const HEADERS = {
  eventId: 'event-id',
  eventType: 'event-type',
  /** RFC 3339, UTC. */
  occurredAt: 'occurred-at',
  correlationId: 'correlation-id',
  /** W3C Trace Context. */
  traceparent: 'traceparent',
} as const;

const MAX_HEADER_BYTES = 512;

/** One header as text; of a repeated header, the first. Null for a missing one, and for bytes that are too long or not UTF-8. */
export function headerText(headers: IHeaders | undefined, name: string): string | null {
  if (!headers || !Object.hasOwn(headers, name)) return null;
  const value = headers[name];
  const first = Array.isArray(value) ? value[0] : value;
  if (first === undefined) return null;
  const bytes = typeof first === 'string' ? Buffer.from(first) : first;
  return bytes.length <= MAX_HEADER_BYTES && isUtf8(bytes) ? bytes.toString() : null;
}
