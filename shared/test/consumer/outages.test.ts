import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../src/testing/index.js';
import { connect } from '../kit/event-database.js';
import { World } from '../kit/event-world.js';
import { conversation, oneTo, seqsByKey } from '../kit/messages.js';
import { Network } from '../kit/network.js';

let world: World;
beforeEach(async () => {
  world = await World.create();
});
afterEach(() => world.end());

describe('while Kafka is unavailable', () => {
  it('events are accepted; they have one effect each, in order, when Kafka is available again', async () => {
    const network = new Network();
    const kafka = network.settings(world.config);
    world.relay(kafka);
    world.consumer(undefined, kafka);
    const messages = conversation(60);
    await world.publish(...messages.slice(0, 20));
    await eventually(async () => expect(await world.effects()).toHaveLength(20));

    network.cut();
    await world.publish(...messages.slice(20, 40));
    await sleep(4000);
    await world.publish(...messages.slice(40));
    expect(await world.effects()).toHaveLength(20);
    network.restore();
    await eventually(async () => expect(await world.effects()).toHaveLength(60));
    expect((await world.effects()).map((effect) => effect.seq)).toEqual(oneTo(60));
  });

  it('or only its answers are lost: events that it has stored and never acknowledged have one effect', async () => {
    const network = new Network();
    const kafka = network.settings(world.config);
    world.relay(kafka);
    world.consumer(undefined, kafka);
    const messages = conversation(60);
    await world.publish(...messages.slice(0, 20));
    await eventually(async () => expect(await world.effects()).toHaveLength(20));
    network.freeze();
    for (const message of messages.slice(20)) {
      await world.publish(message);
      await sleep(175);
    }
    network.restore();
    await eventually(async () => expect(await world.effects()).toHaveLength(60));
    expect((await world.effects()).map((effect) => effect.seq)).toEqual(oneTo(60));
    await sleep(1000);
    expect(await world.effects()).toHaveLength(60);
  });

  it('a relay and a consumer start, and work as soon as Kafka is available', async () => {
    const network = new Network();
    const kafka = network.settings(world.config);
    network.cut();
    world.relay(kafka);
    world.consumer(undefined, kafka);
    await world.publish(...conversation(5));
    await sleep(1500);
    network.restore();
    await eventually(async () => expect((await world.effects()).map((effect) => effect.seq)).toEqual(oneTo(5)));
  });

  it('a stop does not wait for Kafka', async () => {
    const network = new Network();
    const kafka = network.settings(world.config);
    const relay = world.relay(kafka);
    const consumer = world.consumer(undefined, kafka);
    await eventually(() => consumer.assigned().length === 4);
    network.cut();
    await world.publish(...conversation(5));
    await sleep(300);
    // Kafka stays unavailable: a stop that waited for it would not end.
    await Promise.all([relay.stop(), consumer.close()]);
    expect(await world.outboxSize()).toBe(5);
  });

  it('connections that break at any moment cause neither lost nor duplicate effects', async () => {
    const network = new Network();
    const kafka = network.settings(world.config);
    world.relay(kafka);
    world.consumer(undefined, kafka);
    const conversations = [conversation(300), conversation(300), conversation(300)];
    for (let from = 0; from < 300; from += 10) {
      await world.publish(...conversations.flatMap((one) => one.slice(from, from + 10)));
      await sleep(20);
      if (from % 60 === 0) {
        network.cut();
        await sleep(50);
        network.restore();
      }
    }
    await eventually(async () => expect(await world.effects()).toHaveLength(900), { timeoutMs: 30_000 });
    for (const seqs of seqsByKey(await world.effects()).values()) expect(seqs).toEqual(oneTo(300));
  });
});

describe('while PostgreSQL breaks connections', () => {
  it('every event still has one effect, in order, and none becomes a dead letter', async () => {
    const own = await connect(world.database.config, 'messaging-consumer');
    world.atEnd(own, (one) => one.destroy());
    world.consumer(undefined, undefined, own);
    world.relay();
    const admin = new Client({ connectionString: world.database.adminUrl });
    await admin.connect();
    world.atEnd(admin, (one) => one.end());
    const conversations = [conversation(200), conversation(200)];
    for (let from = 0; from < 200; from += 10) {
      await world.publish(...conversations.flatMap((one) => one.slice(from, from + 10)));
      await sleep(30);
      await admin.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name in ('messaging-consumer', 'messaging-outbox')`,
      );
    }
    await eventually(async () => expect(await world.effects()).toHaveLength(400), { timeoutMs: 30_000 });
    for (const seqs of seqsByKey(await world.effects()).values()) expect(seqs).toEqual(oneTo(200));
    expect(await world.deadLetterCount()).toBe(0);
  });
});
