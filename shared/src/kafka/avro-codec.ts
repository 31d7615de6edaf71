import avro from 'avsc';
import { EVENT_NAMESPACE, EVENT_SCHEMAS, isEventType, type EventPayloads, type EventType } from '../events/index.js';
import type { KafkaSettings } from './kafka-client.js';
import { SchemaRegistry, UnknownSchemaError } from './schema-registry.js';

/** The wire format of the registry: magic byte 0 and a schema id of four bytes, before the Avro body. */
const PREFIX_BYTES = 5;
/** How long an unknown schema id is cached, so that a flood of random ids does not become a flood of requests to the registry. */
const UNKNOWN_FOR_MS = 10_000;

/** A record that no retry can process. */
export class PoisonRecordError extends Error {
  override readonly name = 'PoisonRecordError';
}

/** An event with its type. */
export type DecodedEvent = { [T in EventType]: { type: T; payload: EventPayloads[T] } }[EventType];

/** Decodes values that were written with one schema. */
interface Reader {
  type: EventType;
  decode(value: Buffer): unknown;
}

/**
 * Encodes and decodes events as Avro in the wire format of the Confluent Schema Registry. It needs the registry once for each schema; loaded
 * schemas stay usable while the registry is unavailable. Payloads are decoded into the schema of this build, whatever version of the schema
 * they were written with.
 */
export class AvroCodec {
  readonly #registry: SchemaRegistry;
  readonly #ids = new Map<EventType, number>();
  readonly #readers = new Map<number, Reader | null>();
  readonly #unknownUntil = new Map<number, number>();

  constructor(config: KafkaSettings, registry = new SchemaRegistry(config)) {
    this.#registry = registry;
  }

  async encode<T extends EventType>(type: T, payload: EventPayloads[T]): Promise<Buffer> {
    await this.loadSchema(type);
    return this.encodeSync(type, payload);
  }

  /** Loads the id of this event's schema from the registry, once. */
  async loadSchema(type: EventType): Promise<void> {
    if (!this.#ids.has(type)) this.#ids.set(type, await this.#registry.idOf(type));
  }

  hasSchema(type: EventType): boolean {
    return this.#ids.has(type);
  }

  /** Like `encode`, synchronously, for a type that `loadSchema` has loaded. */
  encodeSync<T extends EventType>(type: T, payload: EventPayloads[T]): Buffer {
    const id = this.#ids.get(type);
    if (id === undefined) throw new Error(`the schema of ${type} is not loaded`);
    const body = eventAvroType(type).toBuffer(payload);
    const value = Buffer.allocUnsafe(PREFIX_BYTES + body.length);
    value.writeUInt8(0, 0);
    value.writeInt32BE(id, 1);
    body.copy(value, PREFIX_BYTES);
    return value;
  }

  /** Rejects with PoisonRecordError for a value that is not an event, and with `unavailable` when the registry is needed and does not answer. */
  async decode(value: Buffer): Promise<DecodedEvent> {
    await this.ensureSchema(value);
    const decoded = this.decodeSync(value);
    if (!decoded) throw new PoisonRecordError('an event of a type that this build does not know');
    return decoded;
  }

  /** True when `decodeSync` can decode this value. */
  hasSchemaOf(value: Buffer): boolean {
    return this.#readers.has(schemaIdOf(value));
  }

  /** Loads the schema of this value from the registry, once. */
  async ensureSchema(value: Buffer): Promise<void> {
    const id = schemaIdOf(value);
    if (this.#readers.has(id)) return;
    const unknownUntil = this.#unknownUntil.get(id);
    if (unknownUntil !== undefined && unknownUntil > Date.now()) throw new PoisonRecordError(`the registry knows no schema ${id}`);
    try {
      this.#readers.set(id, readerOf(await this.#registry.schemaOf(id)));
      this.#unknownUntil.delete(id);
    } catch (error) {
      if (!(error instanceof UnknownSchemaError)) throw error;
      if (this.#unknownUntil.size > 1000) this.#unknownUntil.clear();
      this.#unknownUntil.set(id, Date.now() + UNKNOWN_FOR_MS);
      throw new PoisonRecordError(error.message, { cause: error });
    }
  }

  /** The type of an event whose schema is loaded, without decoding its payload; null for a type that this build does not know. */
  typeOf(value: Buffer): EventType | null {
    return this.#readers.get(schemaIdOf(value))?.type ?? null;
  }

  /** Like `decode`, synchronously, for a value whose schema is loaded; null for a type that this build does not know. */
  decodeSync(value: Buffer): DecodedEvent | null {
    const reader = this.#readers.get(schemaIdOf(value));
    if (reader === undefined) throw new Error('the schema of this value is not loaded');
    if (reader === null) return null;
    try {
      return { type: reader.type, payload: reader.decode(value.subarray(PREFIX_BYTES)) } as DecodedEvent;
    } catch (error) {
      throw new PoisonRecordError(`not a ${reader.type}: ${(error as Error).message}`, { cause: error });
    }
  }
}

function schemaIdOf(value: Buffer): number {
  if (value.length <= PREFIX_BYTES) throw new PoisonRecordError(`a value of ${value.length} bytes is no event`);
  if (value[0] !== 0) throw new PoisonRecordError(`magic byte ${value[0]} instead of 0`);
  const id = value.readInt32BE(1);
  if (id < 1) throw new PoisonRecordError(`${id} is no schema id`);
  return id;
}

const avroTypes = new Map<EventType, avro.Type>();

function eventAvroType(type: EventType): avro.Type {
  let known = avroTypes.get(type);
  if (!known) avroTypes.set(type, (known = avroTypeFrom(EVENT_SCHEMAS[type])));
  return known;
}

function avroTypeFrom(schema: object): avro.Type {
  return avro.Type.forSchema(schema as avro.Schema, { omitRecordMethods: true });
}

function readerOf(writerSchema: object): Reader | null {
  const { name = '', namespace } = writerSchema as { name?: string; namespace?: string };
  const fullName = namespace ? `${namespace}.${name}` : name;
  const type = fullName.startsWith(`${EVENT_NAMESPACE}.`) ? fullName.slice(EVENT_NAMESPACE.length + 1) : '';
  if (!isEventType(type)) return null;
  const readerType = eventAvroType(type);
  const resolver = readerType.createResolver(avroTypeFrom(writerSchema));
  return { type, decode: (value) => readerType.fromBuffer(value, resolver) };
}
