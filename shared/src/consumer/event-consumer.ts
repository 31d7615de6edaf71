import type { Consumer, Kafka } from 'kafkajs';
import { sleepUntilAborted, waitAtMost } from '../async/index.js';
import type { SqlRunner } from '../database/index.js';
import { TOPICS, type EventType, type TopicName } from '../events/index.js';
import { AvroCodec } from '../kafka/avro-codec.js';
import { consumerSettings, createKafka, deadLetterTopicOf, groupOf, type KafkaSettings } from '../kafka/kafka-client.js';
import { SingleFlightProducer } from '../kafka/single-flight-producer.js';
import type { Log } from '../observability/index.js';
import { BackgroundTasks } from './background-tasks.js';
import { BatchIntake } from './batch-intake.js';
import { LogReader } from './log-reader.js';
import { PartitionAssignment } from './partition-assignment.js';
import type { AssignedPartition } from './partition-batches.js';
import type { ReceivedBatch } from './received-event.js';
import { RecordProcessor } from './record-processor.js';
import { RecordRetry } from './record-retry.js';

const RECONNECT_MS = 500;
/** The longest time for which a stop waits for the batch that is being handled, and for Kafka. */
const FINISH_WITHIN_MS = 15_000;
const LEAVE_WITHIN_MS = 4000;

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
 * others continue: a transient error is retried with backoff, without end; otherwise the records are handled one by one, and one that
 * fails three times is written to the dead-letter topic before the position moves past it. It starts when Kafka is available and reconnects
 * by itself; `stop` finishes the batch that is being handled.
 */
export class EventConsumer {
  readonly #kafka: Kafka;
  readonly #group: string;
  readonly #deadLetters: SingleFlightProducer;
  readonly #logs: LogReader;
  readonly #backgroundTasks: BackgroundTasks;
  readonly #assignment: PartitionAssignment;
  readonly #intake: BatchIntake;
  readonly #stop = new AbortController();
  #consumer: Consumer | null = null;
  /** Settled once the consumer has joined its group, or failed to. */
  #joining: Promise<void> = Promise.resolve();
  #started = false;
  #stopping: Promise<void> | undefined;

  constructor(private readonly options: EventConsumerOptions) {
    const { kafka, log } = options;
    const group = (this.#group = groupOf(kafka, options.group));
    this.#kafka = createKafka(kafka, `${options.group}-consumer`, log);
    this.#deadLetters = new SingleFlightProducer(this.#kafka);
    this.#logs = new LogReader(this.#kafka);
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
    this.#intake = new BatchIntake({ group, assignment, processor, retry, tasks: this.#backgroundTasks, log, stopped: this.#stop.signal });
  }

  /** Adds a listener that is called, and awaited, whenever partitions are assigned (start, rebalance, a new epoch), before their records. */
  onAssigned(listener: (partitions: AssignedPartition[]) => unknown): void {
    this.#assignment.onAssigned(listener);
  }

  /** Begins to connect; returns at once. */
  start(): void {
    if (this.#started) return;
    this.#started = true;
    void this.#connectWithRetries();
    this.#assignment.lag.start();
  }

  /** The active partitions. */
  assigned(): AssignedPartition[] {
    return this.#assignment.active();
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
      waitAtMost(LEAVE_WITHIN_MS, this.#leave()),
      waitAtMost(LEAVE_WITHIN_MS, this.#logs.disconnect()),
      this.#deadLetters.stop(),
    ]);
  }

  /**
   * Waits until the consumer has joined: one that is disconnected while it joins closes its connection and stays in the group, which keeps
   * partitions for it until the session times out.
   */
  async #leave(): Promise<void> {
    const consumer = this.#consumer;
    this.#consumer = null;
    await this.#joining;
    await consumer?.disconnect();
  }

  async #connectWithRetries(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const consumer = this.#kafka.consumer(consumerSettings(this.#group));
      try {
        await this.#connect(consumer);
        return;
      } catch (error) {
        this.options.log.warn({ error, group: this.#group }, 'events cannot be consumed, connecting again');
        await consumer.disconnect().catch(() => undefined);
        await sleepUntilAborted(RECONNECT_MS, this.#stop.signal);
      }
    }
  }

  async #connect(consumer: Consumer): Promise<void> {
    // Before `run`, which resolves after the first join.
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      if (this.#stop.signal.aborted) this.#assignment.cancel();
      else this.#assignment.begin(consumer, payload.memberAssignment);
    });
    consumer.on(consumer.events.CRASH, ({ payload }) => void this.#restart(payload.error));
    this.#consumer = consumer;
    await consumer.connect();
    await consumer.subscribe({ topics: this.#assignment.kafkaTopics, fromBeginning: true });
    // A stop in between has disconnected the consumer, and `subscribe` has connected it again.
    if (this.#stop.signal.aborted) return await consumer.disconnect();
    const running = consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      // Enough for all partitions: the batches of one fetch arrive together, and are handled together.
      partitionsConsumedConcurrently: 2 * this.options.topics.reduce((sum, topic) => sum + TOPICS[topic].partitions, 0),
      eachBatch: (payload) => this.#intake.accept(consumer, payload),
    });
    this.#joining = running.catch(() => undefined);
    await running;
  }

  /** After a crash of the consumer, which kafkajs has disconnected. */
  async #restart(error: Error): Promise<void> {
    if (this.#stop.signal.aborted) return;
    this.options.log.error({ error, group: this.#group }, 'consumer crashed, creating a new one');
    this.#assignment.cancel();
    await sleepUntilAborted(RECONNECT_MS, this.#stop.signal);
    await this.#connectWithRetries();
  }
}
