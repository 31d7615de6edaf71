import type { Consumer, EachBatchPayload } from 'kafkajs';
import type { Log } from '../observability/index.js';
import type { BackgroundTasks } from './background-tasks.js';
import { PositionConflictError } from './consumer-positions.js';
import type { PartitionAssignment } from './partition-assignment.js';
import { chunk, type PartitionBatch } from './partition-batches.js';
import { findContinuity } from './log-continuity.js';
import { BATCH_SIZE, type RecordProcessor } from './record-processor.js';
import type { RecordRetry } from './record-retry.js';

/** How often kafkajs may send a heartbeat: it sends one if `heartbeatInterval` has passed since the answer to the last one. */
const HEARTBEAT_MS = 1000;

/** One batch of kafkajs, whose promise is still open. */
interface Arrival {
  payload: EachBatchPayload;
  batch: PartitionBatch;
  /** Aborted when the assignment with which it came has ended. */
  signal: AbortSignal;
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Collects the batches of all partitions that kafkajs delivers together, and has them processed together. The partitions of a batch that
 * fails are paused and retried in the background, while the others continue.
 */
export class BatchIntake {
  #arrivals: Arrival[] = [];
  #isDraining = false;
  #draining: Promise<void> = Promise.resolve();

  constructor(
    private readonly parts: {
      group: string;
      assignment: PartitionAssignment;
      processor: RecordProcessor;
      retry: RecordRetry;
      tasks: BackgroundTasks;
      log: Log;
      /** Aborted when the consumer stops. */
      stopped: AbortSignal;
    },
  ) {}

  /** Resolves when the batch that is being processed has finished. */
  get finished(): Promise<void> {
    return this.#draining;
  }

  /** Resolves when the records are processed or left to a retry; rejects when the group rebalances. */
  accept(consumer: Consumer, payload: EachBatchPayload): Promise<void> {
    const { topic, partition, messages: fetched, highWatermark } = payload.batch;
    const { assignment } = this.parts;
    const state = assignment.find(topic, partition);
    // An inactive partition is fetched again, from the right position, when it becomes active.
    if (!state?.active || fetched.length === 0) return Promise.resolve();
    const continuity = findContinuity(state, fetched, Number(highWatermark));
    if (continuity.kind !== 'continues') {
      assignment.reread(consumer, state, continuity.kind === 'replaced' ? continuity.replacement : null);
      return Promise.resolve();
    }
    state.isVerified = true;
    state.endOffset = Number(highWatermark);
    const { messages } = continuity;
    if (messages.length === 0) {
      payload.resolveOffset(String(state.nextOffset - 1));
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      this.#arrivals.push({ payload, batch: { state, messages }, signal: assignment.signal, resolve, reject });
      if (this.#isDraining) return;
      this.#isDraining = true;
      // The batches of one fetch arrive within one tick.
      this.#draining = Promise.resolve().then(() => this.#drain(consumer));
    });
  }

  async #drain(consumer: Consumer): Promise<void> {
    while (this.#arrivals.length > 0) await this.#process(consumer, this.#arrivals.splice(0));
    this.#isDraining = false;
  }

  /** Never rejects: errors go to a retry in the background, or to kafkajs. */
  async #process(consumer: Consumer, arrivals: Arrival[]): Promise<void> {
    // Always in the same order, so that two processes never wait for the rows of each other.
    arrivals.sort(({ batch: { state: a } }, { batch: { state: b } }) => a.topic.localeCompare(b.topic) || a.partition - b.partition);
    let rebalance: unknown;
    // A batch may take longer than the session timeout of the group.
    const heartbeat = setInterval(() => {
      arrivals[0]!.payload.heartbeat().catch((error: unknown) => (rebalance = error));
    }, HEARTBEAT_MS);
    const batches = arrivals.map(({ batch }) => batch);
    for (const part of chunk(batches, BATCH_SIZE)) {
      if (this.parts.stopped.aborted || rebalance !== undefined) break;
      try {
        await this.parts.processor.process(part);
      } catch (error) {
        for (const { batch, signal } of arrivals) {
          const { state, messages } = batch;
          const unhandled = messages.filter(({ offset }) => Number(offset) >= state.nextOffset);
          if (unhandled.length > 0) this.#retryInBackground(consumer, { state, messages: unhandled }, error, signal);
        }
        break;
      }
    }
    clearInterval(heartbeat);
    for (const { payload, batch, resolve, reject } of arrivals) {
      const firstOffset = Number(batch.messages[0]!.offset);
      if (batch.state.nextOffset > firstOffset) payload.resolveOffset(String(batch.state.nextOffset - 1));
      if (rebalance === undefined) resolve();
      else reject(rebalance);
    }
  }

  #retryInBackground(consumer: Consumer, batch: PartitionBatch, error: unknown, signal: AbortSignal): void {
    // The partition may belong to another process by now; where it is assigned, it is read from its stored position.
    if (signal.aborted) return;
    const { assignment, retry, tasks, log, group } = this.parts;
    const { state } = batch;
    assignment.deactivate(consumer, state);
    if (error instanceof PositionConflictError) return assignment.reread(consumer, state);
    tasks.add(
      retry.run(batch, error, signal).then(
        () => {
          if (!signal.aborted) assignment.activate(consumer, state);
        },
        (failure: unknown) => {
          if (signal.aborted) return;
          if (!(failure instanceof PositionConflictError)) log.error({ error: failure, group }, 'retry failed, reading the position again');
          assignment.reread(consumer, state);
        },
      ),
    );
  }
}
