import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createKafka, groupOf } from '../../src/kafka/kafka-client.js';
import type { AssignedPartition } from '../../src/consumer/index.js';
import { eventually } from '../../src/testing/index.js';
import { GROUP, World } from '../kit/event-world.js';
import { log } from '../kit/log.js';
import { conversation, oneTo, seqsByKey } from '../kit/messages.js';

let world: World;
beforeEach(async () => {
  world = await World.create();
});
afterEach(() => world.end());

describe('stopping a consumer in the middle of a batch', () => {
  it('finishes the batch or rolls it back, and the next consumer continues', async () => {
    world.relay();
    const messages = conversation(40);
    let handled = 0;
    const reached = Promise.withResolvers<void>();
    const first = world.consumer(async () => {
      if (++handled === 15) reached.resolve();
      await sleep(20);
    });
    await world.publish(...messages);
    await reached.promise;
    await first.close();
    const before = await world.effects();
    expect([0, 40]).toContain(before.length);
    const [position] = (await world.dataSource.query('select sum(next_offset)::int as n from consumer_positions')) as { n: number }[];
    expect(position!.n).toBe(before.length);

    world.consumer();
    await eventually(async () => expect(await world.effects()).toHaveLength(40));
    expect((await world.effects()).map((effect) => effect.seq)).toEqual(oneTo(40));
  });
});

describe('consumers that start and stop under load', () => {
  it('have one effect for each event, in order', async () => {
    world.relay();
    const conversations = Array.from({ length: 8 }, () => conversation(200));
    const consumers = [world.consumer()];
    for (let from = 0; from < 200; from += 5) {
      await world.publish(...conversations.flatMap((one) => one.slice(from, from + 5)));
      await sleep(20);
      if (from === 30 || from === 60) consumers.push(world.consumer());
      if (from === 110 || from === 150) void consumers.shift()!.close();
    }
    await eventually(async () => expect((await world.effects()).length).toBeGreaterThanOrEqual(1600), { timeoutMs: 30_000 });
    const seqs = seqsByKey(await world.effects());
    for (const one of conversations) expect(seqs.get(one[0]!.conversationId)).toEqual(oneTo(200));
    expect(await world.deadLetterCount()).toBe(0);
  });
});

describe('a consumer that is stopped while it joins its group', () => {
  it('is not a member of it afterwards, at whatever moment it was stopped', async () => {
    const admin = world.atEnd(createKafka(world.config, 'test', log).admin(), (one) => one.disconnect());
    await admin.connect();
    const group = groupOf(world.config, GROUP);
    for (let ms = 0; ms <= 120; ms += 8) {
      const consumer = world.consumer();
      await sleep(ms);
      await consumer.close();
      const { groups } = await admin.describeGroups([group]);
      expect(groups[0]!.members, `stopped ${ms} ms after its start`).toEqual([]);
    }
  });
});

describe('a log', () => {
  it('that ends before the stored position is another log: it is read from its start, with one effect for each event', async () => {
    const producer = await world.producer();
    const messages = conversation(5);
    const records = await Promise.all(messages.map(async (message) => ({ ...(await world.record(message)), partition: 2 })));
    await producer.send({ topic: world.topic, messages: records.slice(0, 3) });
    const first = world.consumer();
    await eventually(async () => expect(await world.effects()).toHaveLength(3));
    const { epoch } = first.assigned()[0]!;
    await first.close();

    const admin = createKafka(world.config, 'test', log).admin();
    await admin.connect();
    await admin.deleteTopics({ topics: [world.topic] });
    await eventually(async () => !(await admin.listTopics()).includes(world.topic));
    await admin.createTopics({ topics: [{ topic: world.topic, numPartitions: 4 }], waitForLeaders: false });
    await admin.disconnect();
    // One record that was handled, and two that were not.
    await eventually(async () => await producer.send({ topic: world.topic, messages: [records[2]!] }));
    const given: AssignedPartition[] = [];
    const second = world.strategy();
    second.onAssigned((partitions) => given.push(...partitions));
    second.addHandler('MessageCreated', async () => Promise.resolve(), true);
    second.listen(() => undefined);
    await eventually(() => second.assigned().length === 4);
    await second.close();
    expect(given.map(({ nextOffset }) => nextOffset)).toEqual([0, 0, 0, 0]);
    for (const partition of given) expect(partition.epoch).toBeGreaterThan(epoch);

    await producer.send({ topic: world.topic, messages: records.slice(3) });
    world.consumer();
    await eventually(async () => expect((await world.effects()).map((effect) => effect.seq)).toEqual(oneTo(5)));
  });

  it('with more partitions is another log, too', async () => {
    world.relay();
    const first = world.consumer();
    const messages = conversation(6);
    await world.publish(...messages.slice(0, 3));
    await eventually(async () => expect(await world.effects()).toHaveLength(3));
    const { epoch } = first.assigned()[0]!;
    await first.close();
    const admin = createKafka(world.config, 'test', log).admin();
    await admin.connect();
    await admin.createPartitions({ topicPartitions: [{ topic: world.topic, count: 6 }] });
    // The broker learns it from the controller; a consumer that asked before would ask again only after 30 s.
    await eventually(async () => (await admin.fetchTopicMetadata({ topics: [world.topic] })).topics[0]!.partitions.length === 6);
    await admin.disconnect();
    const second = world.consumer();
    await eventually(() => second.assigned().length === 6);
    for (const partition of second.assigned()) expect(partition.epoch).toBeGreaterThan(epoch);
    await world.publish(...messages.slice(3));
    await eventually(async () => expect(await world.effects()).toHaveLength(6));
    expect(new Set((await world.effects()).map((effect) => effect.seq))).toEqual(new Set(oneTo(6)));
  });

  it('is read from its start by a new group', async () => {
    world.relay();
    await world.publish(...conversation(10));
    await eventually(async () => expect(await world.outboxSize()).toBe(0));
    await sleep(300);
    world.consumer();
    await eventually(async () => expect(await world.effects()).toHaveLength(10));
  });
});
