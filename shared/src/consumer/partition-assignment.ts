import type { Consumer } from 'kafkajs';
import { backoffMs, shouldLogAttempt, sleepUntilAborted } from '../async/index.js';
import type { SqlRunner } from '../database/index.js';
import type { TopicName } from '../events/index.js';
import { topicOf, type KafkaSettings } from '../kafka/kafka-client.js';
import type { Log } from '../observability/index.js';
import type { BackgroundTasks } from './background-tasks.js';
import { LagMeter } from './lag-meter.js';
import type { LogReader } from './log-reader.js';
import type { AssignedPartition, PartitionState } from './partition-batches.js';
import { RETRY_BACKOFF } from './record-retry.js';
import { readPartitionStates, skipDeletedRecords, type RequestedPartitions } from './partition-states.js';
import { LogEndsEarlierError, type LogReplacement } from './starting-positions.js';

/** Kafka must report so often in a row, over about 3 s, that a log is shorter than what was read of it. */
const TRUST_END_AFTER = 5;

/** What a PartitionAssignment works with. */
export interface AssignmentParts {
  /** As Kafka and the tables know it. */
  group: string;
  topics: TopicName[];
  kafka: KafkaSettings;
  /** Runs statements outside of any transaction, in the schema of the consumer. */
  database: SqlRunner;
  logs: LogReader;
  tasks: BackgroundTasks;
  log: Log;
}

interface TopicPartition {
  topic: string;
  partition: number;
}

/**
 * The partitions that are assigned to this process. A partition becomes active when its stored position has been read and the listeners
 * have finished; until then it is paused, so that no record from a wrong position is accepted.
 */
export class PartitionAssignment {
  readonly lag: LagMeter;
  /** Names of the topics by the names that Kafka knows. */
  readonly #topics: Map<string, TopicName>;
  readonly #listeners: ((partitions: AssignedPartition[]) => unknown)[] = [];
  #states = new Map<string, PartitionState>();
  #reassigned = new AbortController();

  constructor(private readonly parts: AssignmentParts) {
    const { kafka, topics, logs, group } = parts;
    this.#topics = new Map(topics.map((name) => [topicOf(kafka, name), name]));
    this.lag = new LagMeter(group, {
      inactive: () => [...this.#states.values()].filter((state) => !state.active),
      endsOf: (topic) => logs.endsOf(topicOf(kafka, topic)),
    });
  }

  /** The names of the topics that Kafka knows. */
  get kafkaTopics(): string[] {
    return [...this.#topics.keys()];
  }

  /** Aborted when the partitions are assigned anew, or the consumer stops. */
  get signal(): AbortSignal {
    return this.#reassigned.signal;
  }

  /** The active partitions. */
  active(): PartitionState[] {
    return [...this.#states.values()].filter((state) => state.active);
  }

  /** The state of a partition of this process; `topic` is the name that Kafka knows. */
  find(topic: string, partition: number): PartitionState | undefined {
    return this.#states.get(keyOf(topic, partition));
  }

  onAssigned(listener: (partitions: AssignedPartition[]) => unknown): void {
    this.#listeners.push(listener);
  }

  /** Takes over a new assignment. It pauses the partitions synchronously, before kafkajs fetches the first record. */
  begin(consumer: Consumer, memberAssignment: Record<string, number[]>): void {
    this.cancel();
    this.#reassigned = new AbortController();
    for (const state of this.#states.values()) this.lag.remove(state);
    this.#states = new Map();
    const given = Object.entries(memberAssignment).flatMap(([topic, partitions]) => partitions.map((partition) => ({ topic, partition })));
    if (given.length === 0) return;
    pause(consumer, given);
    this.parts.tasks.add(this.#prepare(consumer, given, this.signal));
  }

  /** The assignment is not valid any more: retries and reads of positions end. */
  cancel(): void {
    this.#reassigned.abort();
  }

  /** Lets the records of a partition be fetched from `nextOffset`, with the record before it, which is compared again. */
  activate(consumer: Consumer, state: PartitionState): void {
    const { topic, partition } = this.#keyOf(state);
    state.active = true;
    state.isVerified = false;
    this.#states.set(keyOf(topic, partition), state);
    consumer.seek({ topic, partition, offset: String(state.lastRecord?.offset ?? state.nextOffset) });
    consumer.resume([{ topic, partitions: [partition] }]);
    this.lag.show(state);
  }

  deactivate(consumer: Consumer, state: PartitionState): void {
    state.active = false;
    pause(consumer, [this.#keyOf(state)]);
  }

  /** The position or the log is another one than expected: reads the position again. */
  reread(consumer: Consumer, state: PartitionState, replacement: LogReplacement | null = null): void {
    this.deactivate(consumer, state);
    this.parts.tasks.add(this.#prepare(consumer, [this.#keyOf(state)], this.signal, replacement));
  }

  /** Reads the positions, calls the listeners, activates the partitions. Retries until it succeeds or the partitions are assigned anew. */
  async #prepare(
    consumer: Consumer,
    given: TopicPartition[],
    signal: AbortSignal,
    replacement: LogReplacement | null = null,
  ): Promise<void> {
    const { group, log } = this.parts;
    let timesTooShort = 0;
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        const trustsEnd = timesTooShort >= TRUST_END_AFTER;
        const states = await readPartitionStates(this.parts, this.#namesOf(given), { trustsEnd, replacement });
        for (const listener of this.#listeners) await listener(states.map(toAssigned));
        // After the listeners: they learn of the deleted records again if this process ends before the positions are moved.
        await skipDeletedRecords(this.parts, states);
        if (signal.aborted) return;
        for (const state of states) this.activate(consumer, state);
        for (const other of this.active().filter((one) => states.some(({ topic, epoch }) => topic === one.topic && epoch > one.epoch)))
          this.reread(consumer, other);
        log.info({ group, partitions: states.map((s) => `${s.topic}/${s.partition}@${s.nextOffset}`) }, 'consuming events');
        return;
      } catch (error) {
        if (signal.aborted) return;
        timesTooShort = error instanceof LogEndsEarlierError ? timesTooShort + 1 : 0;
        if (shouldLogAttempt(attempt)) log.warn({ error, attempt, group }, 'positions cannot be read, retrying');
        await sleepUntilAborted(backoffMs(attempt, RETRY_BACKOFF), signal);
      }
    }
  }

  /** The partitions by the name and the Kafka name of their topic. */
  #namesOf(given: TopicPartition[]): RequestedPartitions[] {
    return [...Map.groupBy(given, ({ topic }) => topic)].flatMap(([kafkaTopic, ofTopic]) => {
      const topic = this.#topics.get(kafkaTopic);
      return topic ? [{ topic, kafkaTopic, partitions: ofTopic.map(({ partition }) => partition) }] : [];
    });
  }

  #keyOf({ topic, partition }: PartitionState): TopicPartition {
    return { topic: topicOf(this.parts.kafka, topic), partition };
  }
}

/** The part of a state that listeners see. */
export function toAssigned({ topic, epoch, partition, nextOffset, firstOffset }: PartitionState): AssignedPartition {
  return { topic, epoch, partition, nextOffset, firstOffset };
}

function keyOf(kafkaTopic: string, partition: number): string {
  return `${kafkaTopic}/${partition}`;
}

function pause(consumer: Consumer, partitions: TopicPartition[]): void {
  for (const { topic, partition } of partitions) consumer.pause([{ topic, partitions: [partition] }]);
}
