import type { IHeaders, Kafka, KafkaMessage, Message } from 'kafkajs';
import type { Log } from '../observability/index.js';
import type { TopicName } from '../events/index.js';
import { createKafka, deadLetterTopicOf, topicOf, type KafkaSettings } from '../kafka/kafka-client.js';
import { headerText } from './received-event.js';
import { SingleFlightProducer } from '../kafka/single-flight-producer.js';

/**
 * Records that a consumer group gave up, each with where it came from and why, in `<group>.dead-letter`.
 * The topic is compacted by the letter's id, which is its place of origin: a letter written twice is one letter, and replaying or dropping
 * it writes an empty record over it. Nothing but Kafka is needed to look at them.
 */
export interface DeadLetter {
  /** Where it came from, `topic:epoch:partition:offset`; the same however often it is written. */
  id: string;
  topic: TopicName;
  epoch: number;
  partition: number;
  offset: number;
  reason: string;
  failedAt: string;
  /** As in the record of origin. */
  key: Buffer | null;
  value: Buffer | null;
  headers: IHeaders;
}

const PREFIX = 'dead-letter-';
const ORIGIN = { topic: `${PREFIX}topic`, epoch: `${PREFIX}epoch`, partition: `${PREFIX}partition`, offset: `${PREFIX}offset` };
const REASON = `${PREFIX}reason`;
const FAILED_AT = `${PREFIX}failed-at`;
const KEY = `${PREFIX}key`;
const WITHOUT_VALUE = `${PREFIX}without-value`;
const MAX_REASON_LENGTH = 400;

/** The record that goes into the dead-letter topic. */
export function deadLetterMessage(
  origin: { topic: TopicName; epoch: number; partition: number },
  message: Pick<KafkaMessage, 'key' | 'value' | 'headers' | 'offset'>,
  reason: string,
  now = new Date(),
): Message {
  return {
    key: `${origin.topic}:${origin.epoch}:${origin.partition}:${message.offset}`,
    value: message.value ?? Buffer.alloc(0),
    headers: {
      ...ownHeaders(message.headers),
      [ORIGIN.topic]: origin.topic,
      [ORIGIN.epoch]: String(origin.epoch),
      [ORIGIN.partition]: String(origin.partition),
      [ORIGIN.offset]: message.offset,
      [REASON]: reason.slice(0, MAX_REASON_LENGTH),
      [FAILED_AT]: now.toISOString(),
      ...(message.key ? { [KEY]: message.key } : {}),
      ...(message.value ? {} : { [WITHOUT_VALUE]: 'true' }),
    },
  };
}

/** Headers of the record itself: ours are taken out, and names that mean something to JavaScript are no trouble. */
function ownHeaders(headers: IHeaders | undefined): IHeaders {
  const own = Object.create(null) as IHeaders;
  for (const [name, value] of Object.entries(headers ?? {})) if (!name.startsWith(PREFIX) && value !== undefined) own[name] = value;
  return own;
}

function readDeadLetter(message: KafkaMessage): DeadLetter | null {
  if (!message.key || !message.value) return null;
  const { headers } = message;
  const key = headers && Object.hasOwn(headers, KEY) ? headers[KEY] : undefined;
  return {
    id: message.key.toString(),
    topic: (headerText(headers, ORIGIN.topic) ?? '') as TopicName,
    epoch: Number(headerText(headers, ORIGIN.epoch)),
    partition: Number(headerText(headers, ORIGIN.partition)),
    offset: Number(headerText(headers, ORIGIN.offset)),
    reason: headerText(headers, REASON) ?? '',
    failedAt: headerText(headers, FAILED_AT) ?? '',
    key: key === undefined ? null : Buffer.from((Array.isArray(key) ? key[0] : key) ?? ''),
    value: headerText(headers, WITHOUT_VALUE) === 'true' ? null : message.value,
    headers: ownHeaders(headers),
  };
}

/** The dead letters of one consumer group: to list, show, replay and drop. Call `close` when done. */
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

  /** Every letter that was neither replayed nor dropped, oldest first. */
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
   * Puts a letter's record back on its topic, with its own key and headers, and takes the letter out. Consumers that handled the event
   * already know its id. It comes after what was announced meanwhile: order is not restored. False: there is no such letter.
   */
  async replay(id: string): Promise<boolean> {
    const letter = await this.show(id);
    if (!letter) return false;
    await this.#producer.send([
      { topic: topicOf(this.config, letter.topic), messages: [{ key: letter.key, value: letter.value, headers: letter.headers }] },
    ]);
    await this.#takeOut(id);
    return true;
  }

  /** Takes a letter out for good. False: there is no such letter. */
  async drop(id: string): Promise<boolean> {
    if (!(await this.show(id))) return false;
    await this.#takeOut(id);
    return true;
  }

  async close(): Promise<void> {
    await this.#producer.stop();
  }

  async #takeOut(id: string): Promise<void> {
    await this.#producer.send([{ topic: this.#topic, messages: [{ key: id, value: null }] }]);
  }

  /** From the beginning of the topic to its end as it is now. */
  async #readAll(onMessage: (message: KafkaMessage) => void): Promise<void> {
    const admin = this.#kafka.admin();
    await admin.connect();
    // Made with the first migration; without it nothing was ever given up.
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
        const lookAtEnd = async () => {
          // The last records may be gone by compaction; then nothing comes that shows the end, but nothing is missing either.
          const idle = setTimeout(resolve, 3000);
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
        lookAtEnd().catch(reject);
      });
    } finally {
      await consumer.disconnect();
      await admin.deleteGroups([groupId]).catch(() => undefined);
      await admin.disconnect();
    }
  }
}
