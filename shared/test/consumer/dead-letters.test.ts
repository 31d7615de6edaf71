import { randomBytes, randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DeadLetters, type DeadLetter } from '../../src/consumer/index.js';
import { eventually } from '../../src/testing/index.js';
import { conversation, GROUP, log, oneTo, seqsByKey, World, type Message } from '../kit/event-world.js';

let world: World;
beforeEach(async () => {
  world = await World.create();
});
afterEach(() => world.end());

function deadLetters(): DeadLetters {
  return world.atEnd(new DeadLetters(world.config, GROUP, log), (one) => one.close());
}

describe('a poison record', () => {
  it('is written to the dead-letter topic, and the records after it are handled', async () => {
    const producer = await world.producer();
    const [before, after] = conversation(2) as [Message, Message];
    const good = await world.record(before);
    const unreadable = {
      short: Buffer.from([0, 0, 1]),
      empty: Buffer.alloc(0),
      'other magic byte': Buffer.concat([Buffer.from([1]), good.value.subarray(1)]),
      random: Buffer.concat([Buffer.from([0]), randomBytes(60)]),
      truncated: good.value.subarray(0, good.value.length - 5),
      'too long': Buffer.concat([good.value, Buffer.from([0])]),
    };
    await producer.send({
      topic: world.topic,
      messages: [good, ...Object.values(unreadable).map((value) => ({ ...good, value })), await world.record(after)],
    });
    world.consumer();

    await eventually(async () => expect(await world.effects()).toHaveLength(2));
    const letters = await deadLetters().list();
    expect(letters.map((letter) => letter.value)).toEqual(Object.values(unreadable));
    for (const letter of letters) {
      expect(letter.key?.toString()).toBe(before.conversationId);
      expect(letter.reason).toMatch(/^PoisonRecordError: /);
      expect(letter).toMatchObject({
        topic: 'chat.conversation',
        epoch: 1,
        headers: { 'event-id': Buffer.from(good.headers['event-id']!) },
      });
    }
  });

  it('is also a record without a key, without an event id, without a value, or on the topic of other events', async () => {
    const producer = await world.producer();
    const [first, second] = conversation(2) as [Message, Message];
    const good = await world.record(first);
    await producer.send({
      topic: world.topic,
      messages: [
        { ...good, key: null, partition: 0 },
        { ...good, headers: {}, partition: 0 },
        { ...good, headers: { 'event-id': 'x' }, partition: 0 },
        { ...good, headers: { 'event-id': ['', ''] }, partition: 0 },
        { ...good, value: null, partition: 0 },
        { ...(await world.record(second)), partition: 0 },
      ],
    });
    world.consumer();

    await eventually(async () => expect((await world.effects()).map((effect) => effect.seq)).toEqual([2]));
    const letters = await deadLetters().list();
    expect(letters.map((letter) => letter.reason.replace('PoisonRecordError: ', ''))).toEqual([
      'no key',
      'no event id in its headers',
      'no event id in its headers',
      'no event id in its headers',
      'no value',
    ]);
    expect(letters[4]?.value).toBeNull();
  });

  it('may have headers of any name and number', async () => {
    const producer = await world.producer();
    const good = await world.record(conversation(1)[0]!);
    const headers = Object.fromEntries([
      ...Array.from({ length: 300 }, (_, index) => [`x-${index}`, randomUUID()] as const),
      ['constructor', 'x'],
      ['toString', ['a', 'b']],
      ['dead-letter-topic', 'auth.user'],
      ...Object.entries(good.headers),
    ]) as Record<string, string | string[]>;
    Object.defineProperty(headers, '__proto__', { value: 'x', enumerable: true });
    await producer.send({ topic: world.topic, messages: [{ ...good, headers }] });
    world.consumer();
    await eventually(async () => expect(await world.effects()).toHaveLength(1));
  });
});

describe('a handler that always throws for one key', () => {
  it('gives up only the events of that key, and does not delay the others', async () => {
    const bad = randomUUID();
    const handledAt = new Map<string, number>();
    world.relay();
    const consumer = world.consumer((event) => {
      if (event.key === bad) throw new Error('this one cannot be handled');
      handledAt.set(event.eventId, performance.now());
    });
    await eventually(() => consumer.assigned().length === 4);
    const sentAt = new Map<string, number>();
    const good = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
    for (let seq = 1; seq <= 20; seq++) {
      const messages = [...good, ...(seq % 5 === 0 ? [bad] : [])].map((conversationId) => ({ conversationId, seq, eventId: randomUUID() }));
      for (const { eventId } of messages) sentAt.set(eventId, performance.now());
      await world.publish(...messages);
    }

    await eventually(async () => expect(await world.effects()).toHaveLength(80));
    for (const seqs of seqsByKey(await world.effects()).values()) expect(seqs).toEqual(oneTo(20));
    for (const [eventId, at] of handledAt) expect(at - sentAt.get(eventId)!).toBeLessThan(3000);
    await eventually(async () => expect(await deadLetters().list()).toHaveLength(4));
    for (const letter of await deadLetters().list()) {
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
    const letters = deadLetters();
    await eventually(async () => expect(await letters.list()).toHaveLength(2));
    const [second, third] = (await letters.list()) as [DeadLetter, DeadLetter];
    expect(await letters.show(second.id)).toMatchObject({ id: second.id, reason: 'Error: broken' });
    expect(await letters.show('no such letter')).toBeNull();

    isBroken = false;
    const other = deadLetters();
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
