import { waitAtMost } from '../async/index.js';
import type { SqlRunner } from '../database/index.js';
import { TOPICS, type EventType, type TopicName } from '../events/index.js';
import { AvroCodec } from '../kafka/avro-codec.js';
import { createKafka, deadLetterTopicOf, groupOf, type KafkaSettings } from '../kafka/kafka-client.js';
import { SingleFlightProducer } from '../kafka/single-flight-producer.js';
import type { Log } from '../observability/index.js';
import { BackgroundTasks } from './background-tasks.js';
import { BatchIntake } from './batch-intake.js';
import { GroupMember } from './group-member.js';
import { LogReader } from './log-reader.js';
import { PartitionAssignment, toAssigned } from './partition-assignment.js';
import type { AssignedPartition } from './partition-batches.js';
import type { ReceivedBatch } from './received-event.js';
import { RecordProcessor } from './record-processor.js';
import { RecordRetry } from './record-retry.js';

/** The longest time for which a stop waits for the batch that is being handled, and for Kafka. */
const FINISH_WITHIN_MS = 15_000;
/** A broker lets a new group wait for 3 s by default, and removes a member that has not left after its session timeout of 6 s. */
const LEAVE_WITHIN_MS = 6000;

/** The group, the topics and the handler of an EventConsumer. */
export interface EventConsumerOptions {
  /** Without the prefix of the installation. */
  group: string;
  topics: TopicName[];
  kafka: KafkaSettings;
  /** Runs statements outside of any transaction, in the schema of the consumer. */
  database: SqlRunner;
  log: Log;
  /** Events of other types are skipped; their position moves. */
  wants(type: EventType): boolean;
  /** Stores the effects and positions of a batch, or rejects and has stored nothing. */
  handle(batch: ReceivedBatch): Promise<void>;
}

/**
 * Passes the records of a consumer group to `handle`, in order within each partition, each event with one effect.
 *
 * The available records of all partitions are handled together, at most 500 at a time. Positions are stored only by the transaction of the
 * handler; a start or a rebalance reads them again. When a batch fails, its partitions are paused and retried in the background while the
 * others continue: a transient error is retried with backoff, without end; otherwise the records are handled one by one, and one that fails
 * three times while the database takes writes is written to the dead-letter topic before the position moves past it. It starts when Kafka is
 * available and reconnects by itself; `stop` finishes the batch that is being handled.
 */
export class EventConsumer {
  readonly #deadLetters: SingleFlightProducer;
  readonly #logs: LogReader;
  readonly #backgroundTasks: BackgroundTasks;
  readonly #assignment: PartitionAssignment;
  readonly #intake: BatchIntake;
  readonly #member: GroupMember;
  readonly #stop = new AbortController();
  #started = false;
  #stopping: Promise<void> | undefined;

  constructor(options: EventConsumerOptions) {
    const { kafka, log } = options;
    const group = groupOf(kafka, options.group);
    const client = createKafka(kafka, `${options.group}-consumer`, log);
    this.#deadLetters = new SingleFlightProducer(client);
    this.#logs = new LogReader(client);
    this.#backgroundTasks = new BackgroundTasks(log, { group });
    const assignment = (this.#assignment = new PartitionAssignment({
      ...options,
      group,
      logs: this.#logs,
      tasks: this.#backgroundTasks,
    }));
    const processor = new RecordProcessor({
      ...options,
      group,
      codec: new AvroCodec(kafka),
      onMoved: (state) => assignment.lag.show(state),
    });
    const retry = new RecordRetry({
      ...options,
      group,
      processor,
      deadLetterTopic: deadLetterTopicOf(kafka, options.group),
      deadLetters: this.#deadLetters,
    });
    const stopped = this.#stop.signal;
    const intake = (this.#intake = new BatchIntake({ group, assignment, processor, retry, tasks: this.#backgroundTasks, log, stopped }));
    // Enough for all partitions: the batches of one fetch arrive together, and are handled together.
    const concurrency = 2 * options.topics.reduce((sum, topic) => sum + TOPICS[topic].partitions, 0);
    this.#member = new GroupMember({ kafka: client, group, assignment, intake, concurrency, log, stopped });
  }

  /** Adds a listener that is called, and awaited, whenever partitions are assigned (start, rebalance, a new epoch), before their records. */
  onAssigned(listener: (partitions: AssignedPartition[]) => unknown): void {
    this.#assignment.onAssigned(listener);
  }

  /** Begins to connect; returns at once. */
  start(): void {
    if (this.#started) return;
    this.#started = true;
    void this.#member.join();
    this.#assignment.lag.start();
  }

  /** The active partitions. */
  assigned(): AssignedPartition[] {
    return this.#assignment.active().map(toAssigned);
  }

  /** Finishes the batch that is being handled, then leaves the group. */
  stop(): Promise<void> {
    return (this.#stopping ??= this.#stopAll());
  }

  async #stopAll(): Promise<void> {
    this.#stop.abort();
    this.#assignment.cancel();
    this.#assignment.lag.stop();
    // The work of this process first, then kafkajs, which may wait for a broker that does not answer.
    await waitAtMost(FINISH_WITHIN_MS, Promise.all([this.#backgroundTasks.finished(), this.#intake.finished]));
    await Promise.all([
      waitAtMost(LEAVE_WITHIN_MS, this.#member.leave()),
      waitAtMost(LEAVE_WITHIN_MS, this.#logs.disconnect()),
      this.#deadLetters.stop(),
    ]);
  }
}
