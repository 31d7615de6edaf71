import type { KafkaMessage } from 'kafkajs';
import type { EventType } from '../events/index.js';
import { PoisonRecordError, type AvroCodec } from '../kafka/avro-codec.js';
import { type PartitionPosition, storePositions } from './consumer-positions.js';
import { consumerRecords, unknownEvents } from './consumer.metrics.js';
import { identityOf } from './record-identity.js';
import type { PartitionBatch, PartitionState } from './partition-batches.js';
import { toReceivedEvent, type ReceivedBatch, type ReceivedEvent } from './received-event.js';

/** The largest number of records in one transaction. */
export const BATCH_SIZE = 500;
/** Records that no handler wants do not cost a transaction each: after a crash they are only skipped again. */
const STORE_SKIPPED_AFTER_MS = 1000;

/** How records are decoded, which ones are wanted, and the handler of their effects. */
export interface RecordProcessorOptions {
  /** As Kafka and the tables know it. */
  group: string;
  codec: AvroCodec;
  /** Events of other types are skipped; their position moves. */
  wants(type: EventType): boolean;
  /** Stores the effects and positions of a batch, or rejects and has stored nothing. */
  handle(batch: ReceivedBatch): Promise<void>;
  /** Called when `nextOffset` of a partition has moved. */
  onMoved(state: PartitionState): void;
}

/** Decodes records, passes the wanted ones to the handler, and moves `nextOffset` of their partitions. */
export class RecordProcessor {
  constructor(private readonly options: RecordProcessorOptions) {}

  /** One attempt. Rejects, with nothing stored, when a record is not readable, the handler rejects, or a position conflicts. */
  async process(batches: PartitionBatch[]): Promise<void> {
    const records: ReceivedEvent[] = [];
    const moves = new Map<PartitionState, KafkaMessage>();
    for (const { state, messages } of batches) {
      for (const message of messages) {
        const reading = this.#read(state, message);
        const event = reading instanceof Promise ? await reading : reading;
        if (event) records.push(event);
      }
      moves.set(state, messages.at(-1)!);
    }
    const positions = [...moves].map(([state, last]) => positionOf(state, last));
    if (records.length === 0 && [...moves.keys()].every(({ storedAt }) => performance.now() - storedAt < STORE_SKIPPED_AFTER_MS)) {
      for (const [state, last] of moves) this.#move(state, last);
    } else {
      await this.options.handle({
        records,
        positions,
        storePositions: (runner) => storePositions(runner, this.options.group, positions),
      });
      for (const [state, last] of moves) this.stored(state, last);
    }
    for (const { state, messages } of batches) consumerRecords.inc({ group: this.options.group, topic: state.topic }, messages.length);
  }

  /** The position after this record is stored: moves the state of the partition to it. */
  stored(state: PartitionState, last: KafkaMessage): void {
    this.#move(state, last);
    state.storedOffset = state.nextOffset;
    state.storedAt = performance.now();
  }

  /** Null: the record is not wanted. A promise only for a schema that is not known yet. */
  #read(state: PartitionState, message: KafkaMessage): ReceivedEvent | null | Promise<ReceivedEvent | null> {
    if (!message.value) throw new PoisonRecordError('no value');
    if (this.options.codec.hasSchemaOf(message.value)) return this.#decode(state, message, message.value);
    return this.options.codec.ensureSchema(message.value).then(() => this.#decode(state, message, message.value!));
  }

  #decode({ topic, epoch, partition }: PartitionState, message: KafkaMessage, value: Buffer): ReceivedEvent | null {
    const type = this.options.codec.typeOf(value);
    if (type === null) unknownEvents.inc({ group: this.options.group, topic });
    if (type === null || !this.options.wants(type)) return null;
    const decoded = this.options.codec.decodeSync(value);
    return decoded && toReceivedEvent(decoded, message, { topic, epoch, partition });
  }

  #move(state: PartitionState, last: KafkaMessage): void {
    state.lastRecord = identityOf(last);
    state.nextOffset = state.lastRecord.offset + 1;
    this.options.onMoved(state);
  }
}

/** The position of a partition after a record, to be stored. */
export function positionOf(
  { topic, epoch, partition, storedOffset: expectedOffset }: PartitionState,
  last: KafkaMessage,
): PartitionPosition {
  const lastRecord = identityOf(last);
  return { topic, epoch, partition, nextOffset: lastRecord.offset + 1, expectedOffset, lastRecord };
}
