import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually, testRedisConfig } from '../../src/testing/index.js';
import { SCHEMA } from '../kit/event-database.js';
import { World } from '../kit/event-world.js';
import { allOf, conversation } from '../kit/messages.js';

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

  it('is replaced by another instance within five seconds after it was killed, without lost, duplicate or reordered effects', async () => {
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
    const killedAt = performance.now();
    await Promise.race([once(second.stdout!, 'data'), sleep(10_000)]);
    expect(performance.now() - killedAt).toBeLessThan(10_000);
    await sleep(500);
    stop.abort();
    await writing;
    expect(await world.arrived(conversations)).toEqual(allOf(conversations));
  });

  it('is woken by the commits of another instance', async () => {
    const active = world.relay(world.config, testRedisConfig());
    await eventually(() => active.isActive);
    const other = world.relay(world.config, testRedisConfig());
    const consumer = world.consumer();
    await eventually(() => consumer.assigned().length === 4);
    await sleep(300);
    const latencies = { woken: [] as number[], polled: [] as number[] };
    for (let seq = 1; seq <= 22; seq++) {
      const isWoken = seq % 2 === 0;
      // The row is deleted by the read that finds no further one: then the relay pauses until the next poll.
      await eventually(async () => expect(await world.outboxSize()).toBe(0), { intervalMs: 5 });
      const committedAt = performance.now();
      await world.publish({ conversationId: crypto.randomUUID(), seq });
      if (isWoken) other.wake();
      await eventually(async () => expect(await world.effects()).toHaveLength(seq), { intervalMs: 5 });
      latencies[isWoken ? 'woken' : 'polled'].push(performance.now() - committedAt);
    }
    expect(other.isActive).toBe(false);
    expect(median(latencies.woken)).toBeLessThan(median(latencies.polled) / 2);
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
  if (!isSecond) await once(child.stdout!, 'data');
  return child;
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
