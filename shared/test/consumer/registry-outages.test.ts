import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../src/testing/index.js';
import { World } from '../kit/event-world.js';
import { conversation, oneTo } from '../kit/messages.js';
import { RegistryProxy } from '../kit/registry-proxy.js';

let world: World;
beforeEach(async () => {
  world = await World.create();
});
afterEach(() => world.end());

describe('while the registry is unavailable', () => {
  it('records with an unknown schema are retried and never given up; records with loaded schemas are handled', async () => {
    const registry = await RegistryProxy.start(world.config.schemaRegistryUrl);
    world.atEnd(registry, (one) => one.close());
    const kafka = { ...world.config, schemaRegistryUrl: registry.url };
    const producer = await world.producer();
    const messages = conversation(4);
    const records = await Promise.all(messages.map((message) => world.record(message)));
    for (const fault of ['refuses', 'hangs', 'fails'] as const) {
      registry.fault = fault;
      if (fault === 'refuses') {
        await producer.send({ topic: world.topic, messages: records.slice(0, 1) });
        world.consumer(undefined, kafka);
      }
      await sleep(fault === 'hangs' ? 4000 : 800);
      expect(await world.effects()).toHaveLength(0);
    }
    registry.fault = null;
    await eventually(async () => expect(await world.effects()).toHaveLength(1));

    registry.fault = 'refuses';
    await producer.send({ topic: world.topic, messages: records.slice(1) });
    await eventually(async () => expect((await world.effects()).map((effect) => effect.seq)).toEqual(oneTo(4)));
    expect(await world.deadLetterCount()).toBe(0);
  });

  it('a relay that has started publishes; one that starts waits for the registry', async () => {
    const registry = await RegistryProxy.start(world.config.schemaRegistryUrl);
    world.atEnd(registry, (one) => one.close());
    const kafka = { ...world.config, schemaRegistryUrl: registry.url };
    world.consumer();
    const messages = conversation(20);
    const first = world.relay(kafka);
    await world.publish(...messages.slice(0, 5));
    await eventually(async () => expect(await world.effects()).toHaveLength(5));
    registry.fault = 'refuses';
    await world.publish(...messages.slice(5, 10));
    await eventually(async () => expect(await world.effects()).toHaveLength(10));

    await first.stop();
    world.relay(kafka);
    await world.publish(...messages.slice(10));
    await sleep(1500);
    expect(await world.effects()).toHaveLength(10);
    registry.fault = null;
    await eventually(async () => expect((await world.effects()).map((effect) => effect.seq)).toEqual(oneTo(20)));
  });
});
