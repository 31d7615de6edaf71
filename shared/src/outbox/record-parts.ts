import type { Message } from 'kafkajs';
import type { OutboxRow } from './outbox-rows.js';

/** A row of the outbox as a record of Kafka. */
export interface ReadyRecord {
  row: OutboxRow;
  message: Message;
}

/** For each record, its lengths, time and offset and a share of the header of the batch (message format v2 of Kafka), rounded up. */
const OVERHEAD_BYTES = 100;

/** The most that a record takes in a batch. kafkajs sends batches without compression, so it is also what Kafka counts. */
export function recordBytes({ key, value, headers = {} }: Message): number {
  let bytes = OVERHEAD_BYTES + (key?.length ?? 0) + (value?.length ?? 0);
  for (const [name, header] of Object.entries(headers)) bytes += OVERHEAD_BYTES / 10 + name.length + Buffer.byteLength(String(header));
  return bytes;
}

/** The records in their order, in parts of at most `maxBytes`; a larger record is a part of its own. */
export function partsOf(records: ReadyRecord[], maxBytes: number): ReadyRecord[][] {
  const parts: ReadyRecord[][] = [];
  let bytes = Infinity;
  for (const record of records) {
    const size = recordBytes(record.message);
    bytes += size;
    if (bytes > maxBytes) {
      parts.push([]);
      bytes = size;
    }
    parts.at(-1)!.push(record);
  }
  return parts;
}
