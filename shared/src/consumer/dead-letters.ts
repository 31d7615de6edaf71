import type { Kafka } from 'kafkajs';
import { createKafka, deadLetterTopicOf, topicOf, type KafkaSettings } from '../kafka/kafka-client.js';
import { SingleFlightProducer } from '../kafka/single-flight-producer.js';
import { readTopic } from '../kafka/topic-reader.js';
import type { Log } from '../observability/index.js';
import { type DeadLetter, readDeadLetter } from './dead-letter.js';

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

  /** Every letter that was neither replayed nor dropped, the oldest first. Rejects with UnreadableTopicError if one may be missing. */
  async list(): Promise<DeadLetter[]> {
    const letters = new Map<string, DeadLetter>();
    // The migrate step creates the topic; without it there are no letters.
    await readTopic(this.#kafka, this.#topic, (message) => {
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
}
