import type { KafkaMessage } from 'kafkajs';
import { backoffMs, shouldLogAttempt, sleepUntilAborted } from '../async/index.js';
import type { SqlRunner } from '../database/index.js';
import { isTransient } from '../errors/index.js';
import { PoisonRecordError } from '../kafka/avro-codec.js';
import type { SingleFlightProducer } from '../kafka/single-flight-producer.js';
import type { Log } from '../observability/index.js';
import { PositionConflictError, storePositions } from './consumer-positions.js';
import { consumerRetries, deadLettersWritten } from './consumer.metrics.js';
import { deadLetterMessage } from './dead-letter.js';
import type { PartitionBatch, PartitionState } from './partition-batches.js';
import { BATCH_SIZE, positionOf, type RecordProcessor } from './record-processor.js';
import { proveWritable } from './write-proof.js';

/** The delays between attempts after a transient error. */
export const RETRY_BACKOFF = { firstMs: 100, maxMs: 5000 };
/**
 * A record that fails for a reason of its own is tried so often before it is written to the dead-letter topic. The database must take writes
 * after each of these tries, so that an outage that ends between a try and its proof gives no record up.
 */
const MAX_TRIES = 3;
const BETWEEN_TRIES_MS = 50;

/** What a RecordRetry works with. */
export interface RecordRetryOptions {
  /** As Kafka and the tables know it. */
  group: string;
  processor: RecordProcessor;
  deadLetterTopic: string;
  deadLetters: SingleFlightProducer;
  /** Runs statements outside of any transaction, in the schema of the consumer. */
  database: SqlRunner;
  log: Log;
}

/**
 * Retries the records of one partition after a failed attempt, until they are handled. A record is written to the dead-letter topic only if
 * the failure is proven to be its own: it is unreadable, or it fails again and again while the database takes writes. All other failures are
 * retried in place with backoff, without end.
 */
export class RecordRetry {
  constructor(private readonly options: RecordRetryOptions) {}

  /** Rejects with PositionConflictError only; returns early when the signal is aborted, because the partitions are assigned anew. */
  async run({ state, messages }: PartitionBatch, firstError: unknown, signal: AbortSignal): Promise<void> {
    let error: unknown = firstError;
    for (let from = 0; from < messages.length; from += BATCH_SIZE) {
      const part = messages.slice(from, from + BATCH_SIZE);
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
    for (const message of messages) await this.#handleOrGiveUp(state, message, signal);
  }

  /** A failure counts only if it is proven to be the fault of the record; any other one is waited for. */
  async #handleOrGiveUp(state: PartitionState, message: KafkaMessage, signal: AbortSignal): Promise<void> {
    for (let failures = 0, attempt = 0; !signal.aborted;) {
      const error = await this.#attempt(state, [message]);
      if (error === undefined) return;
      const obstacle = await this.#obstacle(state, error);
      if (obstacle !== undefined) {
        failures = 0;
        await this.#waitToRetry(state, obstacle, attempt++, signal);
      } else if (++failures < MAX_TRIES && !(error instanceof PoisonRecordError)) {
        consumerRetries.inc({ group: this.options.group, topic: state.topic });
        await sleepUntilAborted(BETWEEN_TRIES_MS * failures, signal);
      } else {
        return await this.#giveUp(state, message, error, signal);
      }
    }
  }

  /** What prevents records from being handled, whatever is in them; undefined when the error is the fault of the record. */
  async #obstacle(state: PartitionState, error: unknown): Promise<unknown> {
    if (error instanceof PoisonRecordError) return undefined;
    if (isTransient(error)) return error;
    try {
      await proveWritable(this.options.database, this.options.group, state);
      return undefined;
    } catch (proofFailed) {
      if (proofFailed instanceof PositionConflictError) throw proofFailed;
      return proofFailed ?? error;
    }
  }

  /** The error of one attempt; undefined when it succeeded. */
  async #attempt(state: PartitionState, messages: KafkaMessage[]): Promise<unknown> {
    try {
      await this.options.processor.process([{ state, messages }]);
      return undefined;
    } catch (error) {
      if (error instanceof PositionConflictError) throw error;
      return error ?? new Error('a handler threw nothing');
    }
  }

  /** The dead letter is acknowledged before the position moves: after a crash in between it is written again, with the same id. */
  async #giveUp(state: PartitionState, message: KafkaMessage, reason: unknown, signal: AbortSignal): Promise<void> {
    const { group, processor, deadLetterTopic, deadLetters, database, log } = this.options;
    const { topic, epoch, partition } = state;
    const letter = deadLetterMessage(state, message, describe(reason));
    let isWritten = false;
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        if (!isWritten) await deadLetters.send([{ topic: deadLetterTopic, messages: [letter] }]);
        isWritten = true;
        await storePositions(database, group, [positionOf(state, message)]);
        processor.stored(state, message);
        deadLettersWritten.inc({ group, topic });
        log.error({ error: reason, group, topic, epoch, partition, offset: message.offset }, 'record written to the dead-letter topic');
        return;
      } catch (error) {
        if (error instanceof PositionConflictError) throw error;
        await this.#waitToRetry(state, error, attempt, signal);
      }
    }
  }

  async #waitToRetry({ topic, partition }: PartitionState, error: unknown, attempt: number, signal: AbortSignal): Promise<void> {
    const { group, log } = this.options;
    consumerRetries.inc({ group, topic });
    if (shouldLogAttempt(attempt)) log.warn({ error, attempt, group, topic, partition }, 'events cannot be handled, retrying');
    await sleepUntilAborted(backoffMs(attempt, RETRY_BACKOFF), signal);
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : JSON.stringify(error);
}
