import type { KafkaMessage } from 'kafkajs';
import type { Log } from '../observability/index.js';
import { isTransient } from '../errors/index.js';
import type { EventType } from '../events/index.js';
import { PoisonRecordError, type AvroCodec } from '../kafka/avro-codec.js';
import { PositionConflictError, storePositions } from './consumer-positions.js';
import { deadLetterMessage } from './dead-letters.js';
import { consumerRecords, consumerRetries, deadLettersWritten } from './consumer.metrics.js';
import type { PartitionState, Slice } from './partition-batches.js';
import { toReceivedEvent, type PartitionPosition, type ReceivedBatch, type ReceivedEvent, type SqlRunner } from './received-event.js';
import type { SingleFlightProducer } from '../kafka/single-flight-producer.js';
import { shouldLogAttempt, sleepUntilAborted, backoffMs } from '../async/index.js';

/** The delays between the attempts that a transient fault makes necessary. */
export const RETRY_BACKOFF = { firstMs: 100, maxMs: 5000 };
/** Records that go into one transaction at most. */
export const ROUND_SIZE = 500;
/** How often a record that fails for a reason of its own is tried before it is given up. */
const TRIES = 3;
const BETWEEN_TRIES_MS = 50;
/** Records that nobody here wants cost no transaction each: a crash only means skipping them again. */
const STORE_SKIPS_EVERY_MS = 1000;

export interface RecordProcessorOptions {
  /** As Kafka and the tables know it. */
  group: string;
  deadLetterTopic: string;
  codec: AvroCodec;
  deadLetters: SingleFlightProducer;
  /** Runs statements outside of any transaction, in the consumer's schema. */
  database: SqlRunner;
  log: Log;
  /** Events of other types are skipped; their position moves. */
  wants(type: EventType): boolean;
  /** Stores the effects and positions of a batch, or throws and has stored nothing. */
  handle(batch: ReceivedBatch): Promise<void>;
  /** `nextOffset` has moved. */
  onMoved(state: PartitionState): void;
}

/** Gets records handled: reads them, hands them over, and decides what becomes of those that fail. Moves `state.nextOffset`. */
export class RecordProcessor {
  constructor(private readonly options: RecordProcessorOptions) {}

  /** One attempt. Decodes, hands over, and moves on once the new positions are stored, or need not be yet. */
  async process(round: Slice[]): Promise<void> {
    const records: ReceivedEvent[] = [];
    const moves = new Map<PartitionState, number>();
    for (const { state, messages } of round) {
      for (const message of messages) {
        const reading = this.#read(state, message);
        const event = reading instanceof Promise ? await reading : reading;
        if (event) records.push(event);
      }
      moves.set(state, Number(messages.at(-1)!.offset) + 1);
    }
    const positions = [...moves].map(([state, nextOffset]) => positionOf(state, nextOffset));
    if (records.length === 0 && [...moves.keys()].every(({ storedAt }) => performance.now() - storedAt < STORE_SKIPS_EVERY_MS)) {
      for (const [state, nextOffset] of moves) this.#passed(state, nextOffset);
    } else {
      await this.options.handle({
        records,
        positions,
        storePositions: (runner) => storePositions(runner, this.options.group, positions),
      });
      for (const [state, nextOffset] of moves) this.#moved(state, nextOffset);
    }
    for (const { state, messages } of round) consumerRecords.inc({ group: this.options.group, topic: state.topic }, messages.length);
  }

  /** Null: not wanted here. Awaits only for a schema that is not known yet. */
  #read(state: PartitionState, message: KafkaMessage): ReceivedEvent | null | Promise<ReceivedEvent | null> {
    if (!message.value) throw new PoisonRecordError('no value');
    if (this.options.codec.hasSchemaOf(message.value)) return this.#readKnown(state, message, message.value);
    return this.options.codec.ensureSchema(message.value).then(() => this.#readKnown(state, message, message.value!));
  }

  #readKnown({ topic, epoch, partition }: PartitionState, message: KafkaMessage, value: Buffer): ReceivedEvent | null {
    const type = this.options.codec.typeOf(value);
    if (type === null || !this.options.wants(type)) return null;
    const decoded = this.options.codec.decodeSync(value);
    return decoded && toReceivedEvent(decoded, message, { topic, epoch, partition });
  }

  /** Gets a slice done, whatever it takes. Rejects with PositionConflictError only; returns early when the partition is given away. */
  async retry({ state, messages }: Slice, firstError: unknown, signal: AbortSignal): Promise<void> {
    let error: unknown = firstError;
    for (let from = 0; from < messages.length; from += ROUND_SIZE) {
      const part = messages.slice(from, from + ROUND_SIZE);
      let done = false;
      for (let attempt = 0; !done && (error === undefined || isTransient(error)); attempt++) {
        if (error !== undefined) await this.#waitToRetry(state, error, attempt, signal);
        if (signal.aborted) return;
        error = await this.#attempt(state, part);
        done = error === undefined;
      }
      error = undefined;
      if (!done) await this.#oneByOne(state, part, signal);
      if (signal.aborted) return;
    }
  }

  async #oneByOne(state: PartitionState, messages: KafkaMessage[], signal: AbortSignal): Promise<void> {
    for (const message of messages) {
      for (let failures = 0, attempt = 0; ; attempt++) {
        if (signal.aborted) return;
        const error = await this.#attempt(state, [message]);
        if (error === undefined) break;
        if (isTransient(error)) {
          await this.#waitToRetry(state, error, attempt, signal);
        } else if (++failures < TRIES && !(error instanceof PoisonRecordError)) {
          consumerRetries.inc({ group: this.options.group, topic: state.topic });
          await sleepUntilAborted(BETWEEN_TRIES_MS * failures, signal);
        } else {
          await this.#giveUp(state, message, error, signal);
          break;
        }
      }
    }
  }

  /** The error of one attempt; undefined when it succeeded. */
  async #attempt(state: PartitionState, messages: KafkaMessage[]): Promise<unknown> {
    try {
      await this.process([{ state, messages }]);
      return undefined;
    } catch (error) {
      if (error instanceof PositionConflictError) throw error;
      return error ?? new Error('a handler threw nothing');
    }
  }

  /** The letter is acknowledged before the position moves: a crash between the two writes it again, under the same id. */
  async #giveUp(state: PartitionState, message: KafkaMessage, reason: unknown, signal: AbortSignal): Promise<void> {
    const { topic, epoch, partition } = state;
    const letter = deadLetterMessage(state, message, describe(reason));
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        await this.options.deadLetters.send([{ topic: this.options.deadLetterTopic, messages: [letter] }]);
        await storePositions(this.options.database, this.options.group, [positionOf(state, Number(message.offset) + 1)]);
        this.#moved(state, Number(message.offset) + 1);
        deadLettersWritten.inc({ group: this.options.group, topic });
        this.options.log.error(
          { error: reason, group: this.options.group, topic, epoch, partition, offset: message.offset },
          'record given up',
        );
        return;
      } catch (error) {
        if (error instanceof PositionConflictError) throw error;
        await this.#waitToRetry(state, error, attempt, signal);
      }
    }
  }

  async #waitToRetry(state: PartitionState, error: unknown, attempt: number, signal: AbortSignal): Promise<void> {
    consumerRetries.inc({ group: this.options.group, topic: state.topic });
    if (shouldLogAttempt(attempt)) {
      const { topic, partition } = state;
      this.options.log.warn(
        { error, attempt, group: this.options.group, topic, partition },
        'an event cannot be handled now, trying again',
      );
    }
    await sleepUntilAborted(backoffMs(attempt, RETRY_BACKOFF), signal);
  }

  /** The position is stored. */
  #moved(state: PartitionState, nextOffset: number): void {
    state.storedOffset = nextOffset;
    state.storedAt = performance.now();
    this.#passed(state, nextOffset);
  }

  #passed(state: PartitionState, nextOffset: number): void {
    state.nextOffset = nextOffset;
    this.options.onMoved(state);
  }
}

function positionOf({ topic, epoch, partition, storedOffset: expectedOffset }: PartitionState, nextOffset: number): PartitionPosition {
  return { topic, epoch, partition, nextOffset, expectedOffset };
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : JSON.stringify(error);
}
