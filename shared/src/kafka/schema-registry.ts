import { SchemaRegistry as RegistryClient, COMPATIBILITY, SchemaType } from '@kafkajs/confluent-schema-registry';
import { setTimeout } from 'node:timers/promises';
import { withTimeout } from '../async/index.js';
import { AppError } from '../errors/index.js';
import { EVENT_NAMESPACE, EVENT_SCHEMAS, EVENT_TOPICS, type EventType, type TopicName } from '../events/index.js';
import { topicOf, type KafkaSettings } from './kafka-client.js';

/** The timeout of a request to the registry; the deadline of a call, which may wait for the request of another call, is a little later. */
const REQUEST_TIMEOUT_MS = 2500;
const DEADLINE_MS = 3000;
const MAX_REGISTER_ATTEMPTS = 6;

/** The registry answers that it has no such schema id or subject. */
export class UnknownSchemaError extends Error {
  override readonly name = 'UnknownSchemaError';
}

/**
 * The Schema Registry, with a deadline for every call. When it does not answer, calls reject with `unavailable`, and a retry may succeed; when
 * it answers that it has no such schema, they reject with UnknownSchemaError, and no retry helps.
 */
export class SchemaRegistry {
  readonly #client: RegistryClient;

  constructor(private readonly config: KafkaSettings) {
    this.#client = new RegistryClient({
      host: config.schemaRegistryUrl,
      ...authOf(config),
      retry: { retries: 0 },
      // Without a timeout, every later call for the same schema would wait for a request that is never answered.
      middlewares: [() => ({ prepareRequest: async (next) => (await next()).enhance({ timeout: REQUEST_TIMEOUT_MS }) })],
    });
  }

  /** The subject of an event's schema on one of its topics (TopicRecordNameStrategy, because several types of events share a topic). */
  subjectOf(type: EventType, topic: TopicName = EVENT_TOPICS[type][0]): string {
    return `${topicOf(this.config, topic)}-${EVENT_NAMESPACE}.${type}`;
  }

  /**
   * Registers the schema of this build under the subject of each topic of the event; rejects when it is not compatible with all earlier versions.
   * For the migrate step only.
   */
  async register(type: EventType): Promise<void> {
    for (const topic of EVENT_TOPICS[type]) await this.#register(type, this.subjectOf(type, topic));
  }

  async #register(type: EventType, subject: string): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#client.register(
          { type: SchemaType.AVRO, schema: JSON.stringify(EVENT_SCHEMAS[type]) },
          { subject, compatibility: COMPATIBILITY.FULL_TRANSITIVE },
        );
        return;
      } catch (error) {
        if (attempt === MAX_REGISTER_ATTEMPTS || !isUnfinished(error)) throw error;
        await setTimeout(100 * attempt);
        // Also for a process that ended before it did this.
        if (isWithoutCompatibility(error)) await this.#setCompatibility(subject);
      }
    }
  }

  async #setCompatibility(subject: string): Promise<void> {
    const response = await fetch(`${this.config.schemaRegistryUrl}/config/${encodeURIComponent(subject)}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/vnd.schemaregistry.v1+json', ...basicAuthentication(this.config) },
      body: JSON.stringify({ compatibility: COMPATIBILITY.FULL_TRANSITIVE }),
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    await response.body?.cancel();
  }

  /** The id of the schema of this build, as it is registered: the registry gives it the same id under all its subjects. */
  async idOf(type: EventType): Promise<number> {
    const subject = this.subjectOf(type);
    return await this.#call(`no schema of ${type} is registered as ${subject}: run the migrate step`, () =>
      this.#client.getRegistryIdBySchema(subject, { type: SchemaType.AVRO, schema: JSON.stringify(EVENT_SCHEMAS[type]) }),
    );
  }

  /** The schema with this id. */
  async schemaOf(id: number): Promise<object> {
    try {
      const schema = await this.#call(`the registry knows no schema ${id}`, () => this.#client.getSchema(id));
      return JSON.parse(JSON.stringify(schema)) as object;
    } catch (error) {
      // Trusted only from a registry that has the schemas of this build: an emptied one, or another server at its address, is an outage.
      if (error instanceof UnknownSchemaError) await this.#requireOwnSchemas();
      throw error;
    }
  }

  async #requireOwnSchemas(): Promise<void> {
    const [anyType] = Object.keys(EVENT_TOPICS) as [EventType];
    try {
      await this.idOf(anyType);
    } catch (error) {
      throw new AppError('unavailable', 'schema-registry/unavailable', 'The schema registry is not available.', { cause: error });
    }
  }

  async #call<T>(whenUnknown: string, request: () => Promise<T>): Promise<T> {
    try {
      return await withTimeout(request(), DEADLINE_MS);
    } catch (error) {
      if (isNotFound(error)) throw new UnknownSchemaError(whenUnknown, { cause: error });
      throw new AppError('unavailable', 'schema-registry/unavailable', 'The schema registry is not available.', { cause: error });
    }
  }
}

/** The user and password, as the client has them. */
function authOf({ schemaRegistryUsername: username, schemaRegistryPassword: password = '' }: KafkaSettings) {
  return username === undefined ? {} : { auth: { username, password } };
}

/** HTTP Basic authentication (RFC 7617). */
function basicAuthentication(config: KafkaSettings): Record<string, string> {
  const { auth } = authOf(config);
  return auth ? { authorization: `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}` } : {};
}

function isNotFound(error: unknown): boolean {
  // The client wraps a 404 of a search by schema, and nothing else, into an error of this name.
  return error instanceof Error && ((error as { status?: unknown }).status === 404 || error.name === 'ConfluentSchemaRegistryError');
}

/**
 * Another process is registering the same subject, or has ended meanwhile: it exists without its compatibility, or it did not exist a moment
 * ago. Or the registry, which has just started, answers too late.
 */
function isUnfinished(error: unknown): boolean {
  return error instanceof Error && (isWithoutCompatibility(error) || /already exists|Timeout|timed? ?out/i.test(error.message));
}

function isWithoutCompatibility(error: unknown): boolean {
  return error instanceof Error && /Compatibility does not match/.test(error.message);
}
