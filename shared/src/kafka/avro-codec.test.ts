import { describe, expect, it } from 'vitest';
import avro from 'avsc';
import { AppError } from '../errors/index.js';
import { EVENT_SCHEMAS, type EventPayloads, type EventType } from '../events/index.js';
import { AvroCodec, PoisonRecordError } from './avro-codec.js';
import { type SchemaRegistry, UnknownSchemaError } from './schema-registry.js';

const PAYLOAD: EventPayloads['UserRegistered'] = {
  userId: '0199a7a2-0000-7000-8000-000000000001',
  username: 'ada',
  firstName: null,
  lastName: 'Lovelace',
  registeredAt: '2026-11-22T10:00:00.000Z',
};

/** Knows our schema as 7, and what a test adds. */
function codecWith(others: Record<number, object> = {}) {
  const asked: number[] = [];
  const registry = {
    isUnavailable: false,
    idOf: () => Promise.resolve(7),
    schemaOf(id: number) {
      asked.push(id);
      if (registry.isUnavailable) return Promise.reject(new AppError('unavailable', 'x', 'away'));
      const schema = id === 7 ? EVENT_SCHEMAS.UserRegistered : others[id];
      return schema ? Promise.resolve(schema) : Promise.reject(new UnknownSchemaError('unknown'));
    },
  };
  const settings = { brokers: [], schemaRegistryUrl: '', topicPrefix: '' };
  return { codec: new AvroCodec(settings, registry as unknown as SchemaRegistry), asked, registry };
}

function written(id: number, schema: object, value: object): Buffer {
  const body = avro.Type.forSchema(schema as avro.Schema).toBuffer(value);
  const prefix = Buffer.alloc(5);
  prefix.writeInt32BE(id, 1);
  return Buffer.concat([prefix, body]);
}

function changed(change: (fields: { name: string; type: unknown; default?: unknown }[]) => void): object {
  const schema = structuredClone(EVENT_SCHEMAS.UserRegistered) as { fields: { name: string; type: unknown; default?: unknown }[] };
  change(schema.fields);
  return schema;
}

describe('the Avro codec', () => {
  it('decodes what it encoded, and loads a schema once', async () => {
    const { codec, asked, registry } = codecWith();
    const value = await codec.encode('UserRegistered', PAYLOAD);
    expect(value.subarray(0, 5)).toEqual(Buffer.from([0, 0, 0, 0, 7]));
    expect(await codec.decode(value)).toEqual({ type: 'UserRegistered', payload: PAYLOAD });
    registry.isUnavailable = true;
    expect(await codec.decode(value)).toEqual({ type: 'UserRegistered', payload: PAYLOAD });
    expect(asked).toEqual([7]);
  });

  it('decodes events of older and newer versions into the schema of this build', async () => {
    const older = changed((fields) => fields.splice(2, 1));
    const newer = changed((fields) => fields.push({ name: 'locale', type: 'string', default: 'en' }));
    const { codec } = codecWith({ 8: older, 9: newer });
    const { firstName: _firstName, ...withoutFirstName } = PAYLOAD;
    expect(await codec.decode(written(8, older, withoutFirstName))).toEqual({ type: 'UserRegistered', payload: PAYLOAD });
    expect(await codec.decode(written(9, newer, { ...PAYLOAD, locale: 'de' }))).toEqual({ type: 'UserRegistered', payload: PAYLOAD });
  });

  it('reports an event of a later build as unknown, without decoding it', async () => {
    const schema = { type: 'record', name: 'StickerSent', namespace: 'chat.events', fields: [] };
    const { codec } = codecWith({ 8: schema });
    const value = Buffer.concat([written(8, schema, {}), Buffer.from([1])]);
    await codec.ensureSchema(value);
    expect(codec.decodeSync(value)).toBeNull();
    expect(codec.typeOf(value)).toBeNull();
  });

  it('distinguishes poison records from an unavailable registry', async () => {
    const { codec, registry } = codecWith();
    await expect(codec.decode(written(99, EVENT_SCHEMAS.UserRegistered, PAYLOAD))).rejects.toThrow(PoisonRecordError);
    registry.isUnavailable = true;
    await expect(codec.decode(written(7, EVENT_SCHEMAS.UserRegistered, PAYLOAD))).rejects.toMatchObject({ kind: 'unavailable' });
    registry.isUnavailable = false;
    await expect(codec.decode(written(7, EVENT_SCHEMAS.UserRegistered, PAYLOAD))).resolves.toBeTruthy();
  });

  it('caches that an id does not exist', async () => {
    const { codec, asked } = codecWith();
    for (let n = 0; n < 50; n++)
      await expect(codec.decode(written(99, EVENT_SCHEMAS.UserRegistered, PAYLOAD))).rejects.toThrow(PoisonRecordError);
    expect(asked).toEqual([99]);
  });

  it('refuses to encode a payload that does not fit the schema', async () => {
    const { codec } = codecWith();
    const broken = { ...PAYLOAD, username: 5 } as unknown as EventPayloads['UserRegistered'];
    await expect(codec.encode('UserRegistered' satisfies EventType, broken)).rejects.toThrow('invalid');
  });
});
