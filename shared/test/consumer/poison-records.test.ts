import { randomBytes, randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EventPayloads } from '../../src/events/index.js';
import { AvroCodec } from '../../src/kafka/index.js';
import { eventually } from '../../src/testing/index.js';
import { World } from '../kit/event-world.js';
import { conversation, payloadOf, type Message } from '../kit/messages.js';

let world: World;
beforeEach(async () => {
  world = await World.create();
});
afterEach(() => world.end());

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
    const letters = await world.deadLetters().list();
    expect(letters.map((letter) => letter.value)).toEqual(Object.values(unreadable));
    for (const letter of letters) {
      expect(letter.key?.toString()).toBe(before.conversationId);
      expect(letter.reason).toMatch(/^PoisonRecordError: /);
      expect(letter).toMatchObject({
        topic: 'chat.conversation',
        epoch: expect.any(Number),
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
    const letters = await world.deadLetters().list();
    expect(letters.map((letter) => letter.reason.replace('PoisonRecordError: ', ''))).toEqual([
      'no key',
      'no event id in its headers',
      'no event id in its headers',
      'no event id in its headers',
      'no value',
    ]);
    expect(letters[4]?.value).toBeNull();
  });

  it('is also an event that cannot be: valid Avro whose ids, numbers or times are impossible', async () => {
    const producer = await world.producer();
    const [before, after] = conversation(2) as [Message, Message];
    const good = await world.record(before);
    const codec = new AvroCodec(world.config);
    const impossible = async (change: Partial<EventPayloads['MessageCreated']>) => ({
      ...good,
      value: await codec.encode('MessageCreated', { ...payloadOf(before), ...change }),
    });
    const records = [
      await impossible({ seq: -5 }),
      await impossible({ createdAt: 'yesterday' }),
      await impossible({ createdAt: '9999-01-01T00:00:00.000Z' }),
      await impossible({ senderId: 'root' }),
      await impossible({ conversationId: randomUUID() }),
      { ...good, headers: { ...good.headers, 'occurred-at': 'yesterday' } },
    ];
    await producer.send({ topic: world.topic, messages: [good, ...records, await world.record(after)] });
    world.consumer();

    await eventually(async () => expect(await world.effects()).toHaveLength(2));
    const letters = await world.deadLetters().list();
    expect(letters.map((letter) => letter.reason)).toEqual([
      'PoisonRecordError: an impossible MessageCreated: seq is less than 1',
      'PoisonRecordError: an impossible MessageCreated: createdAt is not a time (RFC 3339, UTC)',
      'PoisonRecordError: an impossible MessageCreated: createdAt is in the future',
      'PoisonRecordError: an impossible MessageCreated: senderId is not a UUID in its canonical form',
      'PoisonRecordError: an impossible MessageCreated: conversationId is not the key of the record',
      'PoisonRecordError: an impossible MessageCreated: the header occurred-at is not a time (RFC 3339, UTC)',
    ]);
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
