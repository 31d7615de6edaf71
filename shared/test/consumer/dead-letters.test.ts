import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DeadLetter } from '../../src/consumer/index.js';
import { eventually } from '../../src/testing/index.js';
import { World } from '../kit/event-world.js';
import { conversation, oneTo, seqsByKey, type Message } from '../kit/messages.js';

let world: World;
beforeEach(async () => {
  world = await World.create();
});
afterEach(() => world.end());

describe('a handler that always throws for one key', () => {
  it('gives up only the events of that key, and does not delay the others', async () => {
    const bad = randomUUID();
    world.relay();
    const consumer = world.consumer((event) => {
      if (event.key === bad) throw new Error('this one cannot be handled');
    });
    await eventually(() => consumer.assigned().length === 4);
    const good = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
    for (let seq = 1; seq <= 20; seq++) {
      const messages = [...good, ...(seq % 5 === 0 ? [bad] : [])].map((conversationId) => ({ conversationId, seq, eventId: randomUUID() }));
      await world.publish(...messages);
    }

    await eventually(async () => expect(await world.effects()).toHaveLength(80));
    for (const seqs of seqsByKey(await world.effects()).values()) expect(seqs).toEqual(oneTo(20));
    await eventually(async () => expect(await world.deadLetters().list()).toHaveLength(4));
    for (const letter of await world.deadLetters().list()) {
      expect(letter.key?.toString()).toBe(bad);
      expect(letter.reason).toBe('Error: this one cannot be handled');
    }
  });
});

describe('a transient error', () => {
  it('is retried in place: no dead letters, the order is kept, other partitions continue', async () => {
    const producer = await world.producer();
    let isUnavailable = true;
    world.consumer((event) => {
      if (isUnavailable && event.partition === 0) throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    });
    const [waiting, active] = [conversation(30), conversation(30)];
    const toPartition = async (messages: Message[], partition: number) =>
      await Promise.all(messages.map(async (message) => ({ ...(await world.record(message)), partition })));
    await producer.send({ topic: world.topic, messages: [...(await toPartition(waiting, 0)), ...(await toPartition(active, 1))] });

    await eventually(async () => expect(seqsByKey(await world.effects()).get(active[0]!.conversationId)).toEqual(oneTo(30)));
    expect(seqsByKey(await world.effects()).get(waiting[0]!.conversationId)).toBeUndefined();
    isUnavailable = false;
    await eventually(async () => expect(seqsByKey(await world.effects()).get(waiting[0]!.conversationId)).toEqual(oneTo(30)));
    expect(await world.deadLetterCount()).toBe(0);
  });
});

describe('a dead letter', () => {
  it('can be shown, replayed any number of times with one effect, and dropped', async () => {
    let isBroken = true;
    world.relay();
    const eventIds: string[] = [];
    world.consumer((event) => {
      if (isBroken && event.payload.seq > 1) throw new Error('broken');
      eventIds.push(event.eventId);
    });
    const messages = conversation(3).map((message) => ({ ...message, eventId: randomUUID() }));
    await world.publish(...messages);
    const letters = world.deadLetters();
    await eventually(async () => expect(await letters.list()).toHaveLength(2));
    const [second, third] = (await letters.list()) as [DeadLetter, DeadLetter];
    expect(await letters.show(second.id)).toMatchObject({ id: second.id, reason: 'Error: broken' });
    expect(await letters.show('no such letter')).toBeNull();

    isBroken = false;
    const other = world.deadLetters();
    await Promise.all([letters.replay(second.id), other.replay(second.id)]);
    expect(await letters.replay(second.id)).toBe(false);
    await letters.drop(third.id);
    await letters.drop(third.id);
    expect(await letters.list()).toEqual([]);
    await eventually(async () => expect((await world.effects()).map((effect) => effect.seq)).toEqual([1, 2]));
    await world.publish({ conversationId: messages[0]!.conversationId, seq: 4 });
    await eventually(async () => expect((await world.effects()).map((effect) => effect.seq)).toEqual([1, 2, 4]));
    const effects = await world.effects();
    expect(effects[1]).toEqual({ event_id: messages[1]!.eventId, key: messages[1]!.conversationId, seq: 2 });
  });
});
