import avro from 'avsc';
import { EVENT_NAMESPACE, EVENT_SCHEMAS, isEventType, type EventPayloads, type EventType } from '../events/index.js';
import type { KafkaSettings } from './kafka-client.js';
import { SchemaRegistry, UnknownSchemaError } from './schema-registry.js';

/** Magic byte 0 and a four-byte schema id stand before the Avro. */
const PREFIX_BYTES = 5;
/** How long "no such schema" is believed, so that a flood of random ids does not become a flood of questions. */
const UNKNOWN_FOR_MS = 10_000;

/** A record that can never be read, however often one tries. */
export class PoisonRecordError extends Error {
  override readonly name = 'PoisonRecordError';
}

export type DecodedEvent = { [T in EventType]: { type: T; payload: EventPayloads[T] } }[EventType];

/** How values written with one schema are read; null: an event that this build does not know. */
interface Reader {
  type: EventType;
  decode(value: Buffer): unknown;
}

/**
 * Events to bytes and back. Needs the registry once per schema; what is known stays known while the registry is away.
 * Payloads are read into the shape of this build's schema, whatever version they were written with.
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

  /** Asks the registry for the id of this event's schema, once. */
  async loadSchema(type: EventType): Promise<void> {
    if (!this.#ids.has(type)) this.#ids.set(type, await this.#registry.idOf(type));
  }

  hasSchema(type: EventType): boolean {
    return this.#ids.has(type);
  }

  /** Like `encode`, at once, for a type that `knowType` has answered for. */
  encodeSync<T extends EventType>(type: T, payload: EventPayloads[T]): Buffer {
    const id = this.#ids.get(type);
    if (id === undefined) throw new Error(`the schema of ${type} is not known yet`);
    const body = eventAvroType(type).toBuffer(payload);
    const value = Buffer.allocUnsafe(PREFIX_BYTES + body.length);
    value.writeUInt8(0, 0);
    value.writeInt32BE(id, 1);
    body.copy(value, PREFIX_BYTES);
    return value;
  }

  /** Throws PoisonRecordError for what is no event of ours, and `unavailable` while the registry is needed and away. */
  async decode(value: Buffer): Promise<DecodedEvent> {
    await this.ensureSchema(value);
    const decoded = this.decodeSync(value);
    if (!decoded) throw new PoisonRecordError('an event of a type that this build does not know');
    return decoded;
  }

  /** True when `decodeKnown` can answer without the registry. */
  hasSchemaOf(value: Buffer): boolean {
    return this.#readers.has(schemaIdOf(value));
  }

  /** Asks the registry for the schema of this value, once. */
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

  /** The type of an event whose schema is known, without reading its payload; null: none that this build knows. */
  typeOf(value: Buffer): EventType | null {
    return this.#readers.get(schemaIdOf(value))?.type ?? null;
  }

  /** Like `decode`, at once, for a schema that is known; null: an event that this build does not know. */
  decodeSync(value: Buffer): DecodedEvent | null {
    const reader = this.#readers.get(schemaIdOf(value));
    if (reader === undefined) throw new Error('the schema of this value is not known yet');
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
