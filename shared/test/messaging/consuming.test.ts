import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../src/testing/index.js';
import { conversation, oneTo, seqsByKey, World } from './kit.js';

let world: World;
beforeEach(async () => {
  world = await World.create();
});
afterEach(() => world.end());

describe('events from outbox to effect', () => {
  it('arrive once, in the order of each conversation', async () => {
    world.relay();
    world.consumer();
    const conversations = [conversation(200), conversation(200), conversation(200)];
    for (let from = 0; from < 200; from += 20) await world.announce(...conversations.flatMap((one) => one.slice(from, from + 20)));

    await eventually(async () => expect(await world.effects()).toHaveLength(600));
    for (const seqs of seqsByKey(await world.effects()).values()) expect(seqs).toEqual(oneTo(200));
    await eventually(async () => expect(await world.outboxSize()).toBe(0));
  });

  it('one event id a hundred times has one effect, also when it comes again later', async () => {
    world.consumer();
    const producer = await world.producer();
    const [first, second] = conversation(2) as [{ conversationId: string; seq: number }, { conversationId: string; seq: number }];
    const record = await world.record({ ...first, eventId: randomUUID() });
    await producer.send({ topic: world.topic, messages: Array.from({ length: 100 }, () => record) });
    await producer.send({ topic: world.topic, messages: [await world.record(second), record] });
    await producer.send({ topic: world.topic, messages: [record, await world.record({ ...second, seq: 3 })] });

    await eventually(async () => expect((await world.effects()).map((effect) => effect.seq)).toContain(3));
    expect((await world.effects()).map((effect) => effect.seq)).toEqual([1, 2, 3]);
  });
});
