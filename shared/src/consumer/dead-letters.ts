import type { Kafka, KafkaMessage } from 'kafkajs';
import { createKafka, deadLetterTopicOf, topicOf, type KafkaSettings } from '../kafka/kafka-client.js';
import { SingleFlightProducer } from '../kafka/single-flight-producer.js';
import type { Log } from '../observability/index.js';
import { type DeadLetter, readDeadLetter } from './dead-letter.js';

const IDLE_MS = 3000;

/** The dead letters of one consumer group: to list, show, replay and drop. Call `close` at the end. */
export class DeadLetters {
  readonly #kafka: Kafka;
  readonly #producer: SingleFlightProducer;
  readonly #topic: string;

  constructor(
    private readonly config: KafkaSettings,
    private readonly group: string,
    log: Log,
  ) {
    this.#kafka = createKafka(config, `dead-letters-${group}`, log);
    this.#producer = new SingleFlightProducer(this.#kafka);
    this.#topic = deadLetterTopicOf(config, group);
  }

  /** Every letter that was neither replayed nor dropped, the oldest first. */
  async list(): Promise<DeadLetter[]> {
    const letters = new Map<string, DeadLetter>();
    await this.#readAll((message) => {
      if (!message.key) return;
      const letter = readDeadLetter(message);
      if (letter) letters.set(letter.id, letter);
      else letters.delete(message.key.toString());
    });
    return [...letters.values()].sort((a, b) => a.failedAt.localeCompare(b.failedAt));
  }

  async show(id: string): Promise<DeadLetter | null> {
    return (await this.list()).find((letter) => letter.id === id) ?? null;
  }

  /**
   * Sends the record of a letter to its topic again, with its own key and headers, and removes the letter. Consumers that have handled the
   * event already recognise its id. Its order is not restored: it comes after the events that were published in the meantime. False when
   * there is no such letter.
   */
  async replay(id: string): Promise<boolean> {
    const letter = await this.show(id);
    if (!letter) return false;
    await this.#producer.send([
      { topic: topicOf(this.config, letter.topic), messages: [{ key: letter.key, value: letter.value, headers: letter.headers }] },
    ]);
    await this.#remove(id);
    return true;
  }

  /** Removes a letter for ever. False when there is no such letter. */
  async drop(id: string): Promise<boolean> {
    if (!(await this.show(id))) return false;
    await this.#remove(id);
    return true;
  }

  async close(): Promise<void> {
    await this.#producer.stop();
  }

  async #remove(id: string): Promise<void> {
    await this.#producer.send([{ topic: this.#topic, messages: [{ key: id, value: null }] }]);
  }

  /** Reads from the beginning of the topic to its present end. */
  async #readAll(onMessage: (message: KafkaMessage) => void): Promise<void> {
    const admin = this.#kafka.admin();
    await admin.connect();
    // The migrate step creates the topic; without it there are no letters.
    if (!(await admin.listTopics()).includes(this.#topic)) return await admin.disconnect();
    const offsets = await admin.fetchTopicOffsets(this.#topic);
    const missing = new Map(offsets.filter((p) => Number(p.high) > Number(p.low)).map((p) => [p.partition, Number(p.high)]));
    if (missing.size === 0) return await admin.disconnect();
    const groupId = `${this.config.topicPrefix}dead-letters-reader-${crypto.randomUUID()}`;
    const consumer = this.#kafka.consumer({ groupId, maxWaitTimeInMs: 100, allowAutoTopicCreation: false });
    try {
      await consumer.connect();
      await consumer.subscribe({ topic: this.#topic, fromBeginning: true });
      await new Promise<void>((resolve, reject) => {
        consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
        const readToEnd = async () => {
          // Compaction may have removed the last records: then no record shows the end, but none is missing either.
          const idle = setTimeout(resolve, IDLE_MS);
          consumer.on(consumer.events.END_BATCH_PROCESS, () => idle.refresh());
          await consumer.run({
            autoCommit: false,
            eachBatch: ({ batch }) => {
              for (const message of batch.messages) onMessage(message);
              if (Number(batch.lastOffset()) + 1 >= (missing.get(batch.partition) ?? 0)) missing.delete(batch.partition);
              if (missing.size === 0) {
                clearTimeout(idle);
                resolve();
              }
              return Promise.resolve();
            },
          });
        };
        readToEnd().catch(reject);
      });
    } finally {
      await consumer.disconnect();
      await admin.deleteGroups([groupId]).catch(() => undefined);
      await admin.disconnect();
    }
  }
}
