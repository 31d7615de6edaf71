import type { KafkaMessage } from 'kafkajs';
import type { TopicName } from '../events/index.js';
import type { RecordIdentity } from './record-identity.js';

/** A partition that was assigned to this process, and the position from which it continues. */
export interface AssignedPartition {
  topic: TopicName;
  epoch: number;
  partition: number;
  /** The offset of the next record that has not been handled. */
  nextOffset: number;
  /** The first offset that the log still has. When it is above `nextOffset`, the records in between were deleted before they were handled. */
  firstOffset: number;
}

/** The state of an assigned partition. */
export interface PartitionState extends AssignedPartition {
  /** False while no records of it are accepted: its position is being read, or its records are retried in the background. */
  active: boolean;
  /** The end of the log as last reported by Kafka. */
  endOffset: number;
  /** The record before `nextOffset`; null when there is none to compare with. */
  lastRecord: RecordIdentity | null;
  /** False until `lastRecord` was read again and is the same: until then the log may be another one. */
  isVerified: boolean;
  /** Less than `nextOffset` when the records in between were skipped: that is stored with the next effect, or one second later. */
  storedOffset: number;
  /** When `storedOffset` last moved; performance.now(). */
  storedAt: number;
}

/** Records of one partition, in order, none of them handled. */
export interface PartitionBatch {
  state: PartitionState;
  messages: KafkaMessage[];
}

/** Divides batches into chunks of at most `size` records, each in order; one chunk is one transaction. */
export function chunk(batches: PartitionBatch[], size: number): PartitionBatch[][] {
  const chunks: PartitionBatch[][] = [[]];
  let free = size;
  for (const { state, messages } of batches) {
    for (let from = 0; from < messages.length;) {
      if (free === 0) {
        chunks.push([]);
        free = size;
      }
      const part = messages.slice(from, from + free);
      chunks.at(-1)!.push({ state, messages: part });
      from += part.length;
      free -= part.length;
    }
  }
  return chunks.filter((one) => one.length > 0);
}
