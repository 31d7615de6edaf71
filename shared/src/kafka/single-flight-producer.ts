import { AppError } from '../errors/index.js';
import type { Kafka, Producer, TopicMessages } from 'kafkajs';
import { producerSettings } from './kafka-client.js';
import { waitAtMost, rejectOnAbort } from '../async/index.js';

/** A producer with one send in flight, which is replaced after every send that was rejected (`producerSettings` says why). */
export class SingleFlightProducer {
  #producer: Producer | null = null;
  #last: Promise<unknown> = Promise.resolve();
  readonly #stop = new AbortController();

  constructor(private readonly kafka: Kafka) {}

  /** Resolves when every in-sync replica has the records. When it rejects, some of them may be in the log nevertheless. */
  send(topicMessages: TopicMessages[]): Promise<void> {
    const sent = this.#last.then(() => this.#send(topicMessages));
    this.#last = sent.catch(() => undefined);
    return rejectOnAbort(sent, this.#stop.signal);
  }

  /** Waits at most `timeoutMs` for a send that a broker does not answer; that send rejects. */
  async stop(timeoutMs = 3000): Promise<void> {
    await waitAtMost(timeoutMs, this.#last);
    this.#stop.abort(new AppError('unavailable', 'kafka/stopped', 'The producer is stopped.'));
    await waitAtMost(timeoutMs, this.#discard());
  }

  async #send(topicMessages: TopicMessages[]): Promise<void> {
    this.#stop.signal.throwIfAborted();
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
