import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../src/testing/index.js';
import { AvroCodec } from '../../src/kafka/index.js';
import { World } from '../kit/event-world.js';
import { conversation, oneTo, seqsByKey } from '../kit/messages.js';

let world: World;
beforeEach(async () => {
  world = await World.create();
});
afterEach(() => world.end());

describe('events from outbox to effect', () => {
  it('have one effect each, in the order of each conversation', async () => {
    world.relay();
    world.consumer();
    const conversations = [conversation(200), conversation(200), conversation(200)];
    for (let from = 0; from < 200; from += 20) await world.publish(...conversations.flatMap((one) => one.slice(from, from + 20)));

    await eventually(async () => expect(await world.effects()).toHaveLength(600));
    for (const seqs of seqsByKey(await world.effects()).values()) expect(seqs).toEqual(oneTo(200));
    await eventually(async () => expect(await world.outboxSize()).toBe(0));
  });

  it('one event id that is delivered a hundred times has one effect, also when it is delivered again later', async () => {
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

  it('that no handler wants are skipped without a transaction each, also across a restart', async () => {
    const key = randomUUID();
    const producer = await world.producer();
    const codec = new AvroCodec(world.config);
    const unwanted = async (seq: number) => ({
      key,
      value: await codec.encode('ReceiptsAdvanced', {
        conversationId: key,
        userId: randomUUID(),
        lastReadSeq: seq,
        lastDeliveredSeq: seq,
        advancedAt: new Date().toISOString(),
      }),
      headers: { 'event-id': randomUUID(), 'event-type': 'ReceiptsAdvanced' },
    });
    const wanted = (seq: number) => world.record({ conversationId: key, seq });
    const send = async (...messages: Awaited<ReturnType<typeof wanted>>[]) => void (await producer.send({ topic: world.topic, messages }));

    const first = world.consumer();
    await send(await wanted(1));
    await eventually(async () => expect(await world.effects()).toHaveLength(1));
    // Within a second after an effect, skipped records are not stored; the next effect moves the position past them.
    for (let n = 0; n < 20; n += 1) await send(await unwanted(n));
    await eventually(() => expect(first.assigned().find((partition) => partition.nextOffset >= 21)).toBeDefined());
    await send(await wanted(2));
    await eventually(async () => expect(await world.effects()).toHaveLength(2));
    const stored = async () =>
      Number((await world.dataSource.query('select max(next_offset) as offset from consumer_positions'))[0].offset);
    expect(await stored()).toBe(22);

    await send(await unwanted(21));
    await first.close();
    world.consumer();
    await send(await wanted(3));
    await eventually(async () => expect((await world.effects()).map((effect) => effect.seq)).toEqual([1, 2, 3]));
    expect(await stored()).toBe(24);
  });
});
