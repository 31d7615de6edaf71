import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { FaultProxy } from '@chat/testkit/fault-proxy';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DatabaseConfig } from '../../src/config/index.js';
import { eventually, testRedisConfig } from '../../src/testing/index.js';
import { SCHEMA } from '../kit/event-database.js';
import { World } from '../kit/event-world.js';
import { allOf, conversation } from '../kit/messages.js';

/** A relay does not poll while a test runs. */
const POLLS_NEVER = 3_600_000;

let world: World;
beforeEach(async () => {
  world = await World.create();
});
afterEach(() => world.end());

describe('the outbox relay', () => {
  it('loses no event, and causes one effect for each, when its connection breaks between the acknowledgement and the delete', async () => {
    // The connection breaks in the first deletes, after Kafka has acknowledged the events.
    await world.dataSource.query('create sequence deaths');
    await world.dataSource.query(`
      create function die() returns trigger language plpgsql as $$
      begin
        if nextval('deaths') <= 4 then perform pg_terminate_backend(pg_backend_pid()); end if;
        return old;
      end $$`);
    await world.dataSource.query('create trigger die before delete on outbox for each row execute function die()');
    const conversations = [conversation(50), conversation(50)];
    for (const one of conversations) await world.publish(...one);
    world.relay();
    world.consumer();

    expect(await world.arrived(conversations)).toEqual(allOf(conversations));
    await eventually(async () => expect(await world.outboxSize()).toBe(0));
    const [deaths] = (await world.dataSource.query('select last_value::int as n from deaths')) as { n: number }[];
    expect(deaths!.n).toBeGreaterThan(4);
  });

  it('is replaced by another instance after it was killed, without lost, duplicate or reordered effects', async () => {
    world.consumer();
    const first = await relayProcess();
    const second = await relayProcess({ isSecond: true });
    const conversations = [conversation(0), conversation(0), conversation(0)];
    const ids = [crypto.randomUUID(), crypto.randomUUID(), crypto.randomUUID()];
    const stop = new AbortController();
    const writing = (async () => {
      for (let seq = 1; !stop.signal.aborted; seq++) {
        const messages = ids.map((conversationId) => ({ conversationId, seq }));
        await world.publish(...messages);
        for (const [index, message] of messages.entries()) conversations[index]!.push(message);
        await sleep(5);
      }
    })();
    await eventually(async () => expect((await world.effects()).length).toBeGreaterThan(100));

    first.kill('SIGKILL');
    await once(second.stdout!, 'data');
    await sleep(500);
    stop.abort();
    await writing;
    expect(await world.arrived(conversations)).toEqual(allOf(conversations));
  });

  it('is woken by the commits of another instance', async () => {
    const active = world.relay(world.config, testRedisConfig(), POLLS_NEVER);
    await eventually(() => active.isActive);
    const other = world.relay(world.config, testRedisConfig());
    world.consumer();
    const publish = (seq: number) => world.publish({ conversationId: crypto.randomUUID(), seq });
    await publish(1);
    await eventually(async () => {
      // The first hints are lost if the channel is not open yet.
      other.wake();
      expect(await world.effects()).toHaveLength(1);
    });
    for (let seq = 2; seq <= 4; seq++) {
      // The read that deletes the last event would find this one, too.
      await eventually(async () => expect(await world.outboxSize()).toBe(0));
      await publish(seq);
      other.wake();
      await eventually(async () => expect(await world.effects()).toHaveLength(seq));
    }
    expect(other.isActive).toBe(false);
  });

  it('wakes the instance that has become the active one when it notices that its own connection is lost', async () => {
    const { config } = world.database;
    const proxy = world.atEnd(await FaultProxy.start(config), (one) => one.close());
    const former = world.relay(world.config, testRedisConfig(), POLLS_NEVER, DatabaseConfig.fromUrl(proxy.urlFor(config.url!)));
    await eventually(() => former.isActive);
    // The server closes the connection, and the former relay does not learn it.
    proxy.stallOpen();
    await world.dataSource.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = $1',
      [`${SCHEMA}-outbox`],
    );
    const active = world.relay(world.config, testRedisConfig(), POLLS_NEVER);
    await eventually(() => active.isActive);
    world.consumer();
    await world.publish({ conversationId: crypto.randomUUID(), seq: 1 });
    active.wake();
    await eventually(async () => expect(await world.effects()).toHaveLength(1));
    await eventually(async () => expect(await world.outboxSize()).toBe(0));

    await world.publish({ conversationId: crypto.randomUUID(), seq: 1 });
    former.wake();
    expect(former.isActive).toBe(true);
    proxy.cut();
    await eventually(async () => expect(await world.effects()).toHaveLength(2));
  });

  it('publishes the committed events before it stops', async () => {
    const relay = world.relay();
    await eventually(() => relay.isActive);
    const messages = conversation(1500);
    await world.publish(...messages);
    await relay.stop();
    expect(await world.outboxSize()).toBe(0);
    world.consumer();
    expect(await world.arrived([messages])).toEqual(allOf([messages]));
  });
});

async function relayProcess({ isSecond = false } = {}): Promise<ChildProcess> {
  const { brokers, schemaRegistryUrl, topicPrefix } = world.config;
  const child = fork(
    fileURLToPath(new URL('../kit/relay-process.mjs', import.meta.url)),
    [JSON.stringify({ databaseUrl: world.database.config.url, schema: SCHEMA, kafka: { brokers, schemaRegistryUrl, topicPrefix } })],
    { silent: true, execArgv: [] },
  );
  world.atEnd(child, async (one) => {
    one.kill('SIGKILL');
    await Promise.resolve();
  });
  let errors = '';
  child.stderr!.on('data', (text) => (errors += text));
  const exited = once(child, 'exit').then(([code]) => Promise.reject(new Error(`the relay process exited with ${code}: ${errors}`)));
  exited.catch(() => undefined);
  if (!isSecond) await Promise.race([once(child.stdout!, 'data'), exited]);
  return child;
}
