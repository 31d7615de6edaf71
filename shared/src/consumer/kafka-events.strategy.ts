import { Server, type CustomTransportStrategy } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import type { DataSource } from 'typeorm';
import { runInContext, type Log } from '../observability/index.js';
import type { EventType, TopicName } from '../events/index.js';
import { EventConsumer } from './event-consumer.js';
import { EventContext } from './event-context.js';
import { handledUntil, InboxPurge } from './inbox-purge.js';
import { deduplicateEvents } from './inbox.js';
import { groupOf, type KafkaSettings } from '../kafka/kafka-client.js';
import type { AssignedPartition } from './partition-batches.js';
import type { ReceivedBatch, ReceivedEvent } from './received-event.js';

/** The group and the topics of a service, and where it stores their effects. */
export interface KafkaEventsOptions {
  /** Consumer group; its dead letters go to `<group>.dead-letter`. */
  group: string;
  topics: TopicName[];
  kafka: KafkaSettings;
  /** Of the schema of the consumer, with the tables of `createConsumerTables`. */
  dataSource: DataSource;
  logger: Log;
  /**
   * Handles all records of the topics, in batches, in place of `@EventPattern` methods. It stores the effects and the positions of the batch
   * in one transaction, or rejects and has stored nothing. There is no inbox for it, nor its purge: the effect itself must ignore an
   * event id that it has stored already, or the handler calls `deduplicateEvents`.
   */
  onBatch?: (batch: ReceivedBatch) => Promise<void>;
}

/**
 * Kafka as a Nest transport: methods with `@EventPattern<EventType>('UserRegistered')` receive `@Payload() event:
 * ReceivedEvent<'UserRegistered'>` and `@Ctx() context: EventContext`. What a handler writes through `context.manager` commits together with
 * the inbox row and the position, so an event has one effect however often it is delivered. The handlers of a batch run one after the
 * other, in the order of each partition. An error of a handler rolls the whole batch back; EventConsumer says how it is retried.
 */
export class KafkaEventsStrategy extends Server implements CustomTransportStrategy {
  override readonly propagatesEventHandlerErrors = true;
  readonly #consumer: EventConsumer;
  readonly #group: string;
  readonly #inboxPurge: InboxPurge | null;

  constructor(private readonly options: KafkaEventsOptions) {
    super();
    const { group, topics, kafka, dataSource, logger, onBatch } = options;
    this.#group = groupOf(kafka, group);
    this.#inboxPurge = onBatch ? null : new InboxPurge(dataSource, this.#group, topics, logger);
    this.#consumer = new EventConsumer({
      group,
      topics,
      kafka,
      database: dataSource,
      log: logger,
      wants: (type) => onBatch !== undefined || this.messageHandlers.has(type),
      handle: onBatch ?? ((batch) => this.#handle(batch)),
    });
  }

  /** Adds a listener that is called, and awaited, whenever partitions are assigned to this process, before their records are handled. */
  onAssigned(listener: (partitions: AssignedPartition[]) => unknown): void {
    this.#consumer.onAssigned(listener);
  }

  /** The active partitions. */
  assigned(): AssignedPartition[] {
    return this.#consumer.assigned();
  }

  /** Does not wait for Kafka: the service starts without it, and the consumer connects when it is available. */
  listen(callback: (error?: unknown) => void): void {
    this.#consumer.start();
    this.#inboxPurge?.onApplicationBootstrap();
    callback();
  }

  async close(): Promise<void> {
    this.#inboxPurge?.onApplicationShutdown();
    await this.#consumer.stop();
  }

  override on(): never {
    throw new Error('the transport has no events to subscribe to; see onAssigned');
  }

  override unwrap<T>(): T {
    return this.#consumer as T;
  }

  async #handle(batch: ReceivedBatch): Promise<void> {
    if (batch.records.length === 0) return await batch.storePositions(this.options.dataSource);
    const afterCommit: (() => void)[] = [];
    await this.options.dataSource.transaction(async (manager) => {
      // First: a process that lost the partition stops here, before it has any effect.
      await batch.storePositions(manager);
      const fresh = await deduplicateEvents(
        manager,
        this.#group,
        batch.records.map((event) => event.eventId),
      );
      if (fresh.size === 0) return;
      const until = await handledUntil(manager, this.#group);
      for (const event of batch.records)
        if (fresh.delete(event.eventId) && event.recordedAt >= until)
          await this.#callHandlers(event, new EventContext(manager, afterCommit));
    });
    for (const callback of afterCommit) callback();
  }

  async #callHandlers(event: ReceivedEvent<EventType>, context: EventContext): Promise<void> {
    const handler = this.messageHandlers.get(event.type);
    if (!handler) return;
    const work = { correlationId: event.correlationId ?? event.eventId, traceparent: event.traceparent ?? undefined };
    await runInContext(work, async () => {
      const result: unknown = await handler(event, context);
      if (isObservable(result)) await lastValueFrom(result, { defaultValue: undefined });
    });
  }
}
