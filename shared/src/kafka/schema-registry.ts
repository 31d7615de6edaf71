import { SchemaRegistry as RegistryClient, COMPATIBILITY, SchemaType } from '@kafkajs/confluent-schema-registry';
import { setTimeout } from 'node:timers/promises';
import { withTimeout } from '../async/index.js';
import { AppError } from '../errors/index.js';
import { EVENT_NAMESPACE, EVENT_SCHEMAS, EVENT_TOPICS, type EventType } from '../events/index.js';
import { topicOf, type KafkaSettings } from './kafka-client.js';

/** Of a request to the registry, and, a little later, of the whole question. */
const REQUEST_MS = 2500;
const DEADLINE_MS = 3000;
const REGISTER_TRIES = 6;

/** A schema id or subject that the registry does not know, although it answers. */
export class UnknownSchemaError extends Error {
  override readonly name = 'UnknownSchemaError';
}

/**
 * The Schema Registry, with a deadline on every question. A registry that does not answer is `unavailable`, which callers wait out;
 * one that answers "no such schema" is UnknownSchemaError, which waiting does not cure.
 */
export class SchemaRegistry {
  readonly #client: RegistryClient;

  constructor(private readonly config: KafkaSettings) {
    this.#client = new RegistryClient({
      host: config.schemaRegistryUrl,
      retry: { retries: 0 },
      // Without it a request that is never answered is waited for by every later question about the same schema.
      middlewares: [() => ({ prepareRequest: async (next) => (await next()).enhance({ timeout: REQUEST_MS }) })],
    });
  }

  /** TopicRecordNameStrategy: several kinds of event share a topic. */
  subjectOf(type: EventType): string {
    return `${topicOf(this.config, EVENT_TOPICS[type])}-${EVENT_NAMESPACE}.${type}`;
  }

  /** Registers our schema of this event; fails if it breaks readers or writers of an earlier version. For the migrate step only. */
  async register(type: EventType): Promise<number> {
    for (let attempt = 1; ; attempt++) {
      try {
        const { id } = await this.#client.register(
          { type: SchemaType.AVRO, schema: JSON.stringify(EVENT_SCHEMAS[type]) },
          { subject: this.subjectOf(type), compatibility: COMPATIBILITY.FULL_TRANSITIVE },
        );
        return id;
      } catch (error) {
        if (attempt === REGISTER_TRIES || !isBeingRegistered(error)) throw error;
        await setTimeout(100 * attempt);
      }
    }
  }

  /** The id under which exactly our schema of this event is registered. */
  async idOf(type: EventType): Promise<number> {
    const subject = this.subjectOf(type);
    return await this.#ask(`no schema of ${type} is registered as ${subject}: run the migrate step`, () =>
      this.#client.getRegistryIdBySchema(subject, { type: SchemaType.AVRO, schema: JSON.stringify(EVENT_SCHEMAS[type]) }),
    );
  }

  /** The schema with this id, as it was written. */
  async schemaOf(id: number): Promise<object> {
    try {
      const schema = await this.#ask(`the registry knows no schema ${id}`, () => this.#client.getSchema(id));
      return JSON.parse(JSON.stringify(schema)) as object;
    } catch (error) {
      // Believed only of a registry that has our own schemas: one that was emptied, or something else at its address, is an outage.
      if (error instanceof UnknownSchemaError) await this.#mustKnowOurSchemas();
      throw error;
    }
  }

  async #mustKnowOurSchemas(): Promise<void> {
    const [anyType] = Object.keys(EVENT_TOPICS) as [EventType];
    try {
      await this.idOf(anyType);
    } catch (error) {
      throw new AppError('unavailable', 'schema-registry/unavailable', 'The schema registry is not available.', { cause: error });
    }
  }

  async #ask<T>(whenUnknown: string, question: () => Promise<T>): Promise<T> {
    try {
      return await withTimeout(question(), DEADLINE_MS);
    } catch (error) {
      if (isNotFound(error)) throw new UnknownSchemaError(whenUnknown, { cause: error });
      throw new AppError('unavailable', 'schema-registry/unavailable', 'The schema registry is not available.', { cause: error });
    }
  }
}

function isNotFound(error: unknown): boolean {
  // The client wraps a 404 to "under which id is this schema" into an error of this name, and nothing else.
  return error instanceof Error && ((error as { status?: unknown }).status === 404 || error.name === 'ConfluentSchemaRegistryError');
}

/** Somebody else is making the same subject: it is there and its compatibility is not set yet, or it was not there a moment ago. */
function isBeingRegistered(error: unknown): boolean {
  return error instanceof Error && /already exists|Compatibility does not match/.test(error.message);
}
