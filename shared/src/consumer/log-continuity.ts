import type { KafkaMessage } from 'kafkajs';
import { TOPICS } from '../events/index.js';
import type { PartitionState } from './partition-batches.js';
import { identityOf, isSameRecord } from './record-identity.js';
import type { LogReplacement } from './starting-positions.js';

/*
 * Whether the log of a partition is still the one of which the position is known.
 *
 * A topic that was recreated, or lost its tail and grew again, may be longer than before. Its end says nothing then; the record before the
 * position does. So a partition begins with that record: it is fetched again, compared with the stored identity, and left out. Offsets that go
 * back while the position did not are a sign, too: the position is read again, which compares the record again.
 *
 * A partition begins anew after every assignment, and kafkajs joins the group again after every change of a topic or of a leader.
 */

/** What to do with the records of a fetch. */
export type Continuity =
  /** They continue the log; `messages` are those that were not handled. */
  | { kind: 'continues'; messages: KafkaMessage[] }
  /** The position has to be read again. */
  | { kind: 'unclear' }
  /** The record before the position is not there, or another one. */
  | { kind: 'replaced'; replacement: LogReplacement };

/** Compares a fetch, which has at least one record, with the state of its partition. */
export function findContinuity(state: PartitionState, messages: KafkaMessage[], highWatermark: number): Continuity {
  const { lastRecord, nextOffset } = state;
  const first = identityOf(messages[0]!);
  if (highWatermark < state.endOffset) return { kind: 'unclear' };
  if (state.isVerified || lastRecord === null) {
    if (first.offset < nextOffset) return { kind: 'unclear' };
    // Compaction leaves gaps; in other topics retention has deleted records that were not handled.
    if (first.offset > nextOffset && lastRecord !== null && isComplete(state)) return { kind: 'unclear' };
    return { kind: 'continues', messages };
  }
  if (first.offset < lastRecord.offset) return { kind: 'unclear' };
  if (isSameRecord(first, lastRecord))
    return { kind: 'continues', messages: messages.filter(({ offset }) => Number(offset) >= nextOffset) };
  if (first.offset === lastRecord.offset) return replaced(state, `another record at offset ${first.offset}`);
  if (isComplete(state)) return replaced(state, `no record at offset ${lastRecord.offset}`);
  // Compaction may have removed the record; a later one of the same log is not older.
  return first.timestamp < lastRecord.timestamp
    ? replaced(state, `an older record after offset ${lastRecord.offset}`)
    : { kind: 'continues', messages };
}

function replaced({ epoch, partition, nextOffset }: PartitionState, reason: string): Continuity {
  return { kind: 'replaced', replacement: { epoch, partition, offset: nextOffset - 1, reason } };
}

/** Whether every offset of the topic has a record. */
function isComplete({ topic }: PartitionState): boolean {
  return TOPICS[topic].cleanup === 'delete';
}
