import type { Consumer, Kafka } from 'kafkajs';
import { sleepUntilAborted } from '../async/index.js';
import { isTransient } from '../errors/index.js';
import { consumerSettings } from '../kafka/kafka-client.js';
import type { Log } from '../observability/index.js';
import type { BatchIntake } from './batch-intake.js';
import type { PartitionAssignment } from './partition-assignment.js';

const RECONNECT_MS = 500;

/** What a GroupMember works with. */
export interface GroupMemberParts {
  kafka: Kafka;
  /** As Kafka knows it. */
  group: string;
  assignment: PartitionAssignment;
  intake: BatchIntake;
  /** The number of partitions whose batches are delivered at the same time. */
  concurrency: number;
  log: Log;
  /** Aborted when the consumer stops. */
  stopped: AbortSignal;
}

/** The membership of this process in a consumer group: one consumer of kafkajs, which is replaced after a crash. */
export class GroupMember {
  #consumer: Consumer | null = null;
  /** Settled once the consumer has joined its group, or failed to. */
  #joining: Promise<void> = Promise.resolve();

  constructor(private readonly parts: GroupMemberParts) {}

  /** Resolves when the consumer has joined; retries until then, or until the consumer stops. */
  async join(): Promise<void> {
    const { kafka, group, log, stopped } = this.parts;
    while (!stopped.aborted) {
      const consumer = kafka.consumer(consumerSettings(group));
      try {
        await this.#connect(consumer);
        return;
      } catch (error) {
        log.warn({ error, group }, 'events cannot be consumed, connecting again');
        await consumer.disconnect().catch(() => undefined);
        await sleepUntilAborted(RECONNECT_MS, stopped);
      }
    }
  }

  /**
   * Waits until the consumer has joined: one that is disconnected while it joins closes its connection and stays in the group, which keeps
   * partitions for it until the session times out.
   */
  async leave(): Promise<void> {
    const consumer = this.#consumer;
    this.#consumer = null;
    await this.#joining;
    await consumer?.disconnect();
  }

  async #connect(consumer: Consumer): Promise<void> {
    const { assignment, intake, concurrency, stopped } = this.parts;
    // Before `run`, which resolves after the first join.
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      if (stopped.aborted) assignment.cancel();
      else assignment.begin(consumer, payload.memberAssignment);
    });
    consumer.on(consumer.events.CRASH, ({ payload }) => void this.#restart(payload.error));
    this.#consumer = consumer;
    await consumer.connect();
    await consumer.subscribe({ topics: assignment.kafkaTopics, fromBeginning: true });
    // A stop in between has disconnected the consumer, and `subscribe` has connected it again.
    if (stopped.aborted) return await consumer.disconnect();
    const running = consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: concurrency,
      eachBatch: (payload) => intake.accept(consumer, payload),
    });
    this.#joining = running.catch(() => undefined);
    await running;
  }

  /** After a crash of the consumer, which kafkajs has disconnected. */
  async #restart(error: Error): Promise<void> {
    const { assignment, group, log, stopped } = this.parts;
    if (stopped.aborted) return;
    // Such as a coordinator that still loads the group after a start of Kafka.
    if (isTransient(error)) log.warn({ error, group }, 'Kafka is unavailable to the consumer, which connects again');
    else log.error({ error, group }, 'consumer crashed, creating a new one');
    assignment.cancel();
    await sleepUntilAborted(RECONNECT_MS, stopped);
    await this.join();
  }
}
