import type { Kafka, Producer, TopicMessages } from 'kafkajs';
import { producerSettings } from './kafka-client.js';

/** A producer with one send in flight, and a new one after every send that was rejected (why: see `producerSettings`). */
export class SingleFlightProducer {
  #producer: Producer | null = null;
  #last: Promise<unknown> = Promise.resolve();
  #stopped = false;

  constructor(private readonly kafka: Kafka) {}

  /** Resolves when every in-sync replica has the records. Rejected: some of them may be in the log all the same. */
  send(topicMessages: TopicMessages[]): Promise<void> {
    const sent = this.#last.then(() => this.#send(topicMessages));
    this.#last = sent.catch(() => undefined);
    return sent;
  }

  /** Ends without waiting for more than `timeoutMs` for a send that a broker does not answer. */
  async stop(timeoutMs = 3000): Promise<void> {
    this.#stopped = true;
    await withinMs(this.#last, timeoutMs);
    await withinMs(this.#discard(), timeoutMs);
  }

  async #send(topicMessages: TopicMessages[]): Promise<void> {
    if (this.#stopped) throw new Error('the producer is stopped');
    const producer = (this.#producer ??= this.kafka.producer(producerSettings()));
    try {
      await producer.connect();
      await producer.sendBatch({ acks: -1, timeout: 10_000, topicMessages });
    } catch (error) {
      void this.#discard();
      throw error;
    }
  }

  async #discard(): Promise<void> {
    const producer = this.#producer;
    this.#producer = null;
    // A connection that cannot be closed is broken already.
    await producer?.disconnect().catch(() => undefined);
  }
}

async function withinMs(promise: Promise<unknown>, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([promise.catch(() => undefined), new Promise((resolve) => (timer = setTimeout(resolve, timeoutMs)))]);
  clearTimeout(timer);
}
