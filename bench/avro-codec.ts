/**
 * `npm run bench:avro`: CPU time to encode and decode a MessageCreated with our AvroCodec, and with the encode and decode of
 * @kafkajs/confluent-schema-registry, in alternating rounds. A stub of the registry serves the schema, once.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SchemaRegistry as Package } from '@kafkajs/confluent-schema-registry';
import { EVENT_SCHEMAS, type EventPayloads } from '@chat/shared/events';
import { AvroCodec, type SchemaRegistry } from '@chat/shared/kafka';

const ID = 7;
const PER_ROUND = 20_000;
const ROUNDS = 5;
const payload: EventPayloads['MessageCreated'] = {
  messageId: '0199a7a2-0000-7000-8000-000000000001',
  conversationId: '0199a7a2-0000-7000-8000-000000000002',
  seq: 4711,
  senderId: '0199a7a2-0000-7000-8000-000000000003',
  receiverId: '0199a7a2-0000-7000-8000-000000000004',
  content: 'x'.repeat(256),
  clientMessageId: '0199a7a2-0000-7000-8000-000000000005',
  createdAt: '2026-11-22T10:00:00.000Z',
  replyToId: null,
  mentions: [],
  attachments: [],
};

const stub = createServer((_request, response) => {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ id: ID, schema: JSON.stringify(EVENT_SCHEMAS.MessageCreated) }));
});
await new Promise<void>((resolve) => stub.listen(0, '127.0.0.1', resolve));
const host = `http://127.0.0.1:${(stub.address() as AddressInfo).port}`;

const known = { idOf: () => Promise.resolve(ID), schemaOf: () => Promise.resolve(EVENT_SCHEMAS.MessageCreated) };
const ours = new AvroCodec({ brokers: [], schemaRegistryUrl: host, topicPrefix: '' }, known as unknown as SchemaRegistry);
const theirs = new Package({ host });

/** CPU microseconds for each call. */
async function cpuMicros(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  for (let n = 0; n < PER_ROUND; n += 1) await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / PER_ROUND;
}

const cases: [string, () => Promise<unknown>][] = [
  ['AvroCodec, encode', () => ours.encode('MessageCreated', payload)],
  ['package, encode', () => theirs.encode(ID, payload)],
];
const value = await ours.encode('MessageCreated', payload);
cases.push(['AvroCodec, decode', () => ours.decode(value)], ['package, decode', () => theirs.decode(value)]);
for (const [, work] of cases) await cpuMicros(work); // warm-up

const results = new Map<string, number[]>();
for (let round = 0; round < ROUNDS; round += 1)
  for (const [name, work] of cases) results.set(name, [...(results.get(name) ?? []), await cpuMicros(work)]);
console.log(`CPU microseconds per event, ${ROUNDS} alternating rounds of ${PER_ROUND}:\n\n| | lowest | highest |\n| --- | --- | --- |`);
for (const [name, values] of results) console.log(`| ${name} | ${Math.min(...values).toFixed(1)} | ${Math.max(...values).toFixed(1)} |`);
stub.close();
