import type { Admin, Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import type { Log } from '../observability/index.js';
import { TOPICS, type EventType, type TopicName } from '../events/index.js';
import { AvroCodec } from '../kafka/avro-codec.js';
import { LogEndsEarlierError, PositionConflictError, startingPoints, type LogState } from './consumer-positions.js';
import { consumerSettings, createKafka, deadLetterTopicOf, groupOf, topicOf, type KafkaSettings } from '../kafka/kafka-client.js';
import { LagMeter } from './lag-meter.js';
import { inRounds, type AssignedPartition, type PartitionState, type Slice } from './partition-batches.js';
import type { ReceivedBatch, SqlRunner } from './received-event.js';
import { RecordProcessor, RETRY_BACKOFF, ROUND_SIZE } from './record-processor.js';
import { SingleFlightProducer } from '../kafka/single-flight-producer.js';
import { waitAtMost, shouldLogAttempt, sleepUntilAborted, backoffMs } from '../async/index.js';

const HEARTBEAT_MS = 2000;
const RECONNECT_AFTER_MS = 500;
/** So many times in a row, over some three seconds, must Kafka say that a log is shorter than what was read of it. */
const SURE_AFTER = 5;

export interface EventConsumerOptions {
  /** Without the prefix of the installation. */
  group: string;
  topics: TopicName[];
  kafka: KafkaSettings;
  /** Runs statements outside of any transaction, in the consumer's schema. */
  database: SqlRunner;
  log: Log;
  /** Events of other types are skipped; their position moves. */
  wants(type: EventType): boolean;
  /** Stores the effects and positions of a batch, or throws and has stored nothing. */
  handle(batch: ReceivedBatch): Promise<void>;
}

interface Arrival {
  payload: EachBatchPayload;
  slice: Slice;
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Brings the records of a group's partitions to `handle`, in order within each partition, every effect once.
 *
 * What is there of all partitions goes together, at most 500 records at a time. Positions are stored by the handler's transaction and
 * nowhere else; a start or a rebalance reads them again. When a batch fails, its partitions are paused and retried on the side while the
 * others flow on: a transient fault for ever, with growing waits; any other record by record, and the one that fails three times goes to
 * the dead-letter topic before the position moves past it. Starts when Kafka is there and comes back by itself; `stop` finishes the
 * batch that is being handled.
 */
export class EventConsumer {
  readonly #kafka: Kafka;
  readonly #group: string;
  readonly #processor: RecordProcessor;
  readonly #deadLetters: SingleFlightProducer;
  readonly #names: Map<string, TopicName>;
  readonly #lag: LagMeter;
  readonly #onAssigned: ((partitions: AssignedPartition[]) => unknown)[] = [];
  readonly #sideWork = new Set<Promise<void>>();
  readonly #stop = new AbortController();
  #consumer: Consumer | null = null;
  /** Settled once the consumer has joined its group, or failed to. */
  #joining: Promise<void> = Promise.resolve();
  #admin: Admin | null = null;
  #states = new Map<string, PartitionState>();
  /** Aborted when the partitions are given out anew. */
  #assignment = new AbortController();
  #arrivals: Arrival[] = [];
  #draining = false;
  #taking: Promise<void> = Promise.resolve();
  #started = false;
  #stopping: Promise<void> | undefined;

  constructor(private readonly options: EventConsumerOptions) {
    this.#kafka = createKafka(options.kafka, `${options.group}-consumer`, options.log);
    this.#group = groupOf(options.kafka, options.group);
    this.#deadLetters = new SingleFlightProducer(this.#kafka);
    this.#processor = new RecordProcessor({
      ...options,
      group: this.#group,
      deadLetterTopic: deadLetterTopicOf(options.kafka, options.group),
      codec: new AvroCodec(options.kafka),
      deadLetters: this.#deadLetters,
      onMoved: (state) => this.#lag.show(state),
    });
    this.#names = new Map(options.topics.map((name) => [topicOf(options.kafka, name), name]));
    this.#lag = new LagMeter(this.#group, {
      stalled: () => [...this.#states.values()].filter((state) => !state.flowing),
      endsOf: async (topic) => this.#admin?.fetchTopicOffsets(topicOf(options.kafka, topic)),
    });
  }

  /** Called, and awaited, whenever partitions are given to this process (start, rebalance, a new epoch), before their records flow. */
  onAssigned(listener: (partitions: AssignedPartition[]) => unknown): void {
    this.#onAssigned.push(listener);
  }

  /** Begins to connect; returns at once. */
  start(): void {
    if (this.#started) return;
    this.#started = true;
    void this.#connectUntilThere();
    this.#lag.start();
  }

  /** The partitions that flow now. */
  assigned(): AssignedPartition[] {
    return [...this.#states.values()].filter((state) => state.flowing).map(placeAndPosition);
  }

  /** Finishes the batch that is being handled, gives the partitions back. */
  stop(): Promise<void> {
    return (this.#stopping ??= this.#stopAll());
  }

  async #stopAll(): Promise<void> {
    this.#stop.abort();
    this.#assignment.abort();
    this.#lag.stop();
    // Our own work first, then kafkajs, which may wait for a broker that does not answer.
    await waitAtMost(15_000, Promise.allSettled([...this.#sideWork, this.#taking]));
    await Promise.all([waitAtMost(4000, this.#leave()), waitAtMost(4000, this.#admin?.disconnect()), this.#deadLetters.stop()]);
  }

  /**
   * Only a member leaves: a consumer that is disconnected while it joins cuts its connection and stays in the group, which waits for it
   * until the session runs out, with the partitions that it was given.
   */
  async #leave(): Promise<void> {
    const consumer = this.#consumer;
    this.#consumer = null;
    await this.#joining;
    await consumer?.disconnect();
  }

  async #connectUntilThere(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const consumer = this.#kafka.consumer(consumerSettings(this.#group));
      try {
        await this.#connect(consumer);
        return;
      } catch (error) {
        this.options.log.warn({ error, group: this.#group }, 'cannot consume events yet, trying again');
        await consumer.disconnect().catch(() => undefined);
        await sleepUntilAborted(RECONNECT_AFTER_MS, this.#stop.signal);
      }
    }
  }

  async #connect(consumer: Consumer): Promise<void> {
    // Before `run`: it resolves after the first join, and the event would be gone.
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => this.#beginAssignment(consumer, payload.memberAssignment));
    consumer.on(consumer.events.CRASH, ({ payload }) => void this.#makeAnother(payload.error));
    this.#consumer = consumer;
    await consumer.connect();
    await consumer.subscribe({ topics: [...this.#names.keys()], fromBeginning: true });
    // Again: what came after the disconnect has connected anew.
    if (this.#stop.signal.aborted) return await consumer.disconnect();
    const running = consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      // Enough for all partitions: the batches of one fetch arrive together, and go together.
      partitionsConsumedConcurrently: 2 * this.options.topics.reduce((sum, topic) => sum + TOPICS[topic].partitions, 0),
      eachBatch: (payload) => this.#arrive(consumer, payload),
    });
    this.#joining = running.catch(() => undefined);
    await running;
  }

  /** The consumer broke, and kafkajs has disconnected it. */
  async #makeAnother(error: Error): Promise<void> {
    if (this.#stop.signal.aborted) return;
    this.options.log.error({ error, group: this.#group }, 'the consumer broke, making a new one');
    this.#assignment.abort();
    await sleepUntilAborted(RECONNECT_AFTER_MS, this.#stop.signal);
    await this.#connectUntilThere();
  }

  // ——— assignment ———

  /** At once, so that nothing is fetched from a wrong place: everything is paused until its position has been read. */
  #beginAssignment(consumer: Consumer, memberAssignment: Record<string, number[]>): void {
    this.#assignment.abort();
    if (this.#stop.signal.aborted) return;
    this.#assignment = new AbortController();
    for (const state of this.#states.values()) this.#lag.forget(state);
    this.#states = new Map();
    const given = Object.entries(memberAssignment).flatMap(([topic, partitions]) => partitions.map((partition) => ({ topic, partition })));
    if (given.length === 0) return;
    pause(consumer, given);
    this.#aside(this.#prepare(consumer, given, this.#assignment.signal));
  }

  /** Reads where the partitions go on, tells the listeners, lets the records flow. Tries until it succeeds or they are given out anew. */
  async #prepare(consumer: Consumer, given: { topic: string; partition: number }[], signal: AbortSignal): Promise<void> {
    let timesTooShort = 0;
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        const states = await this.#readStates(given, timesTooShort >= SURE_AFTER);
        for (const listener of this.#onAssigned) await listener(states.map(placeAndPosition));
        if (signal.aborted) return;
        for (const state of states) this.#letFlow(consumer, state);
        this.options.log.info(
          { group: this.#group, partitions: states.map((s) => `${s.topic}/${s.partition}@${s.nextOffset}`) },
          'consuming events',
        );
        return;
      } catch (error) {
        if (signal.aborted) return;
        timesTooShort = error instanceof LogEndsEarlierError ? timesTooShort + 1 : 0;
        if (shouldLogAttempt(attempt))
          this.options.log.warn({ error, attempt, group: this.#group }, 'cannot read where to go on, trying again');
        await sleepUntilAborted(backoffMs(attempt, RETRY_BACKOFF), signal);
      }
    }
  }

  async #readStates(given: { topic: string; partition: number }[], isSureOfEnd: boolean): Promise<PartitionState[]> {
    const admin = await this.#connectedAdmin();
    const { clusterId } = await admin.describeCluster();
    const states: PartitionState[] = [];
    for (const [kafkaTopic, places] of Map.groupBy(given, (place) => place.topic)) {
      const topic = this.#names.get(kafkaTopic);
      if (!topic) continue;
      const log = await logState(admin, clusterId, kafkaTopic);
      const partitions = places.map((place) => place.partition);
      const { points, beganEpoch } = await startingPoints(this.options.database, this.#group, topic, partitions, log, { isSureOfEnd });
      if (beganEpoch)
        this.options.log.warn({ group: this.#group, topic, reason: beganEpoch }, 'the log began anew, reading it from the start');
      for (const point of points) {
        const { firstOffset, endOffset } = log.partitions[point.partition]!;
        if (point.nextOffset > 0 && point.nextOffset < firstOffset)
          this.options.log.error(
            { group: this.#group, topic, ...point, firstOffset },
            'records were deleted by retention before they were handled',
          );
        states.push({ topic, ...point, flowing: false, endOffset, storedOffset: point.nextOffset, storedAt: 0 });
      }
    }
    return states;
  }

  #letFlow(consumer: Consumer, state: PartitionState): void {
    state.flowing = true;
    const topic = topicOf(this.options.kafka, state.topic);
    this.#states.set(placeOf(topic, state.partition), state);
    consumer.seek({ topic, partition: state.partition, offset: String(state.nextOffset) });
    consumer.resume([{ topic, partitions: [state.partition] }]);
    this.#lag.show(state);
  }

  /** The stored position is not what we thought: read it again. */
  #resync(consumer: Consumer, state: PartitionState): void {
    state.flowing = false;
    const place = { topic: topicOf(this.options.kafka, state.topic), partition: state.partition };
    pause(consumer, [place]);
    this.#aside(this.#prepare(consumer, [place], this.#assignment.signal));
  }

  async #connectedAdmin(): Promise<Admin> {
    if (this.#admin) return this.#admin;
    const admin = this.#kafka.admin();
    await admin.connect();
    return (this.#admin = admin);
  }

  // ——— records ———

  #arrive(consumer: Consumer, payload: EachBatchPayload): Promise<void> {
    const { topic, partition, messages, highWatermark } = payload.batch;
    const state = this.#states.get(placeOf(topic, partition));
    // Not ours to take now; fetched again from the right place when it flows.
    if (!state?.flowing || messages.length === 0) return Promise.resolve();
    state.endOffset = Number(highWatermark);
    if (Number(messages[0]!.offset) < state.nextOffset) {
      this.#resync(consumer, state);
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      this.#arrivals.push({ payload, slice: { state, messages }, resolve, reject });
      if (this.#draining) return;
      this.#draining = true;
      // The batches of one fetch arrive within one tick.
      this.#taking = Promise.resolve().then(() => this.#drain(consumer));
    });
  }

  async #drain(consumer: Consumer): Promise<void> {
    while (this.#arrivals.length > 0) await this.#take(consumer, this.#arrivals.splice(0));
    this.#draining = false;
  }

  /** Never rejects: what fails goes on on the side, or to kafkajs. */
  async #take(consumer: Consumer, arrivals: Arrival[]): Promise<void> {
    // Always the same order, so that two processes never wait for each other's rows.
    arrivals.sort(({ slice: { state: a } }, { slice: { state: b } }) => a.topic.localeCompare(b.topic) || a.partition - b.partition);
    let rebalance: unknown;
    // A batch may take longer than the group waits for a sign of life.
    const heart = setInterval(() => {
      arrivals[0]!.payload.heartbeat().catch((error: unknown) => (rebalance = error));
    }, HEARTBEAT_MS);
    for (const round of inRounds(
      arrivals.map((arrival) => arrival.slice),
      ROUND_SIZE,
    )) {
      if (this.#stop.signal.aborted || rebalance !== undefined) break;
      try {
        await this.#processor.process(round);
      } catch (error) {
        for (const { slice } of arrivals) {
          const messages = slice.messages.filter((message) => Number(message.offset) >= slice.state.nextOffset);
          if (messages.length > 0) this.#goOnAside(consumer, { state: slice.state, messages }, error);
        }
        break;
      }
    }
    clearInterval(heart);
    for (const { payload, slice, resolve, reject } of arrivals) {
      const first = Number(slice.messages[0]!.offset);
      if (slice.state.nextOffset > first) payload.resolveOffset(String(slice.state.nextOffset - 1));
      if (rebalance === undefined) resolve();
      else reject(rebalance);
    }
  }

  // ——— after a failure ———

  #goOnAside(consumer: Consumer, slice: Slice, error: unknown): void {
    const { state } = slice;
    const place = { topic: topicOf(this.options.kafka, state.topic), partition: state.partition };
    state.flowing = false;
    pause(consumer, [place]);
    if (error instanceof PositionConflictError) return this.#resync(consumer, state);
    const { signal } = this.#assignment;
    this.#aside(
      this.#processor.retry(slice, error, signal).then(
        () => {
          if (!signal.aborted) this.#letFlow(consumer, state);
        },
        (conflict: unknown) => {
          if (signal.aborted) return;
          if (!(conflict instanceof PositionConflictError))
            this.options.log.error({ error: conflict, group: this.#group }, 'a retry broke');
          this.#resync(consumer, state);
        },
      ),
    );
  }

  #aside(work: Promise<void>): void {
    const tracked = work
      .catch((error: unknown) => this.options.log.error({ error, group: this.#group }, 'work on the side broke'))
      .finally(() => this.#sideWork.delete(tracked));
    this.#sideWork.add(tracked);
  }
}

async function logState(admin: Admin, clusterId: string, kafkaTopic: string): Promise<LogState> {
  const offsets = await admin.fetchTopicOffsets(kafkaTopic);
  const partitions = offsets
    .toSorted((a, b) => a.partition - b.partition)
    .map(({ low, high }) => ({ firstOffset: Number(low), endOffset: Number(high) }));
  return { clusterId, partitions };
}

function placeAndPosition({ topic, epoch, partition, nextOffset }: PartitionState): AssignedPartition {
  return { topic, epoch, partition, nextOffset };
}

function placeOf(kafkaTopic: string, partition: number): string {
  return `${kafkaTopic}/${partition}`;
}

function pause(consumer: Consumer, places: { topic: string; partition: number }[]): void {
  for (const { topic, partition } of places) consumer.pause([{ topic, partitions: [partition] }]);
}
