import { randomBytes } from 'node:crypto';
import { FaultProxy } from '@chat/testkit/fault-proxy';
import { Client } from 'pg';
import { register } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DatabaseConfig } from '../../src/config/index.js';
import { eventually } from '../../src/testing/index.js';
import { connect, SCHEMA } from '../kit/event-database.js';
import { World, type Before } from '../kit/event-world.js';
import { conversation, oneTo, type Message } from '../kit/messages.js';

const APPLICATION = 'outage-consumer';
/** More attempts than a record gets that fails for a reason of its own. */
const MANY_RETRIES = 4;

let world: World;
let admin: Client;
/** The login role of the consumer, and the proxy between it and the database. */
let role: string;
let proxy: FaultProxy;

beforeEach(async () => {
  world = await World.create();
  admin = new Client({ connectionString: world.database.adminUrl });
  await admin.connect();
  role = `outage_${randomBytes(5).toString('hex')}`;
  await createRole();
  proxy = await FaultProxy.start(world.database.config);
  world.atEnd(proxy, (one) => one.close());
});
afterEach(async () => {
  await admin.query(`drop role if exists ${role}`);
  await admin.end();
  await world.end();
});

const createRole = () => admin.query(`create role ${role} login password 'right' in role ${world.database.config.username}`);
const disconnect = () =>
  admin.query('select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = $1', [APPLICATION]);
const setReadOnly = (value: string) =>
  admin.query(`alter database ${world.database.config.name} set default_transaction_read_only = ${value}`);

/** What makes the database unusable for new connections of the consumer, and what makes it usable again. */
const OUTAGES: Record<string, { begin(): unknown; end(): unknown }> = {
  'is read-only': { begin: () => setReadOnly('on'), end: () => setReadOnly('off') },
  'rejects the password': {
    begin: () => admin.query(`alter role ${role} password 'changed'`),
    end: () => admin.query(`alter role ${role} password 'right'`),
  },
  'does not know the role': { begin: () => admin.query(`drop role ${role}`), end: createRole },
  'breaks every connection': { begin: () => proxy.refuse(), end: () => proxy.resume() },
  // An error that is in no list of transient errors: the tables do not exist (42P01).
  'does not have the schema': {
    begin: () => admin.query(`alter schema ${SCHEMA} rename to elsewhere`),
    end: () => admin.query(`alter schema elsewhere rename to ${SCHEMA}`),
  },
};

async function startConsumer(before?: Before): Promise<void> {
  const { name, username: _, password: __, ...address } = world.database.config;
  const config = Object.assign(new DatabaseConfig(), address, {
    name,
    username: role,
    password: 'right',
    port: proxy.port,
    host: '127.0.0.1',
  });
  const dataSource = world.atEnd(await connect(config, APPLICATION), (one) => one.destroy());
  world.consumer(before, undefined, dataSource);
}

async function produce(messages: Message[]): Promise<void> {
  const producer = await world.producer();
  await producer.send({ topic: world.topic, messages: await Promise.all(messages.map((message) => world.record(message))) });
}

async function retries(): Promise<number> {
  const metric = await register.getSingleMetric('consumer_retries_total')!.get();
  const own = metric.values.filter(({ labels }) => String(labels['group']).startsWith(world.config.topicPrefix));
  return own.reduce((total, { value }) => total + value, 0);
}

const seqs = async () => (await world.effects()).map((effect) => effect.seq);

describe.each(Object.keys(OUTAGES))('while the database %s', (name) => {
  const outage = OUTAGES[name]!;

  it('records are retried in place and none becomes a dead letter; afterwards each has one effect, in order', async () => {
    await startConsumer();
    const messages = conversation(6);
    await produce(messages.slice(0, 2));
    await eventually(async () => expect(await seqs()).toEqual(oneTo(2)));

    await outage.begin();
    await disconnect();
    await produce(messages.slice(2));
    await eventually(async () => expect(await retries()).toBeGreaterThan(MANY_RETRIES));
    expect(await world.deadLetterCount()).toBe(0);

    await outage.end();
    await disconnect();
    await eventually(async () => expect(await seqs()).toEqual(oneTo(6)));
    expect(await world.deadLetterCount()).toBe(0);
  });
});

describe('a record whose handler has a bug', () => {
  it('is given up after the outage, and only this one', async () => {
    await startConsumer((event) => {
      if (event.payload.seq === 3) (undefined as unknown as { call(): void }).call();
    });
    const outage = OUTAGES['does not have the schema']!;
    const messages = conversation(4);
    await produce(messages.slice(0, 1));
    await eventually(async () => expect(await seqs()).toEqual([1]));
    await outage.begin();
    await produce(messages.slice(1));
    await eventually(async () => expect(await retries()).toBeGreaterThan(MANY_RETRIES));
    expect(await world.deadLetterCount()).toBe(0);

    await outage.end();
    await eventually(async () => expect(await seqs()).toEqual([1, 2, 4]));
    const [letter, ...others] = await world.deadLetters().list();
    expect(letter?.reason).toMatch(/^TypeError: /);
    expect(others).toEqual([]);
  });
});
