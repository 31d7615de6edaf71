import type { KafkaMessage } from 'kafkajs';
import type { TopicName } from '../events/index.js';

/** A partition that was given to this process, and where it goes on. */
export interface AssignedPartition {
  topic: TopicName;
  epoch: number;
  partition: number;
  /** The next record that has not been handled. */
  nextOffset: number;
}

/** What the consumer knows of a partition while it has it. */
export interface PartitionState extends AssignedPartition {
  /** False while its records are not taken: not prepared yet, or retried on the side. */
  flowing: boolean;
  /** The log's end as last seen. */
  endOffset: number;
  /** Behind `nextOffset` when the records between were skipped: that is stored with the next effect, or a second later. */
  storedOffset: number;
  /** When `storedOffset` last moved; performance.now(). */
  storedAt: number;
}

/** Records of one partition, in order, none of them handled. */
export interface Slice {
  state: PartitionState;
  messages: KafkaMessage[];
}

/** Cuts slices into rounds of at most `size` records, each in order; one round is one transaction. */
export function inRounds(slices: Slice[], size: number): Slice[][] {
  const rounds: Slice[][] = [[]];
  let free = size;
  for (const { state, messages } of slices) {
    for (let from = 0; from < messages.length;) {
      if (free === 0) {
        rounds.push([]);
        free = size;
      }
      const part = messages.slice(from, from + free);
      rounds.at(-1)!.push({ state, messages: part });
      from += part.length;
      free -= part.length;
    }
  }
  return rounds.filter((round) => round.length > 0);
}
