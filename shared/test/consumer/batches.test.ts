import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DataSource } from 'typeorm';
import { DeadLetters, KafkaEventsStrategy, type AssignedPartition, type ReceivedBatch } from '../../src/consumer/index.js';
import { eventually } from '../../src/testing/index.js';
import { writeEffect } from '../kit/event-database.js';
import { GROUP, TOPIC, World } from '../kit/event-world.js';
import { log } from '../kit/log.js';
import { conversation, oneTo, seqsByKey, type Message } from '../kit/messages.js';

let world: World;
beforeEach(async () => {
  world = await World.create();
});
afterEach(() => world.end());

/** Like notification-service: effects and positions in one transaction of its own. */
function startBatches(before: (batch: ReceivedBatch) => unknown, dataSource: DataSource = world.dataSource): KafkaEventsStrategy {
  const strategy = new KafkaEventsStrategy({
    group: GROUP,
    topics: [TOPIC],
    kafka: world.config,
    dataSource,
    logger: log,
    onBatch: async (batch) => {
      await dataSource.transaction(async (manager) => {
        await batch.storePositions(manager);
        await before(batch);
        for (const event of batch.records) await writeEffect(manager, event);
      });
    },
  });
  return world.atEnd(strategy, (one) => one.close());
}

async function toPartition(messages: Message[], partition: number) {
  return await Promise.all(messages.map(async (message) => ({ ...(await world.record(message)), partition })));
}

describe('a consumer that handles whole batches', () => {
  it('receives the available records of all partitions together, after its listener for assigned partitions has finished', async () => {
    const producer = await world.producer();
    const conversations = [conversation(30), conversation(30), conversation(30), conversation(30)];
    await producer.send({
      topic: world.topic,
      messages: (await Promise.all(conversations.map((one, partition) => toPartition(one, partition)))).flat(),
    });
    const batches: ReceivedBatch[] = [];
    const assignments: AssignedPartition[][] = [];
    const strategy = startBatches((batch) => {
      expect(assignments).toHaveLength(1);
      batches.push(batch);
    });
    strategy.onAssigned(async (partitions) => {
      await sleep(300);
      assignments.push(partitions);
    });
    strategy.listen(() => undefined);
    await eventually(async () => expect(await world.effects()).toHaveLength(120));

    expect(assignments[0]).toEqual(
      [0, 1, 2, 3].map((partition) => ({ topic: TOPIC, epoch: expect.any(Number), partition, nextOffset: 0, firstOffset: 0 })),
    );
    expect(batches[0]?.records).toHaveLength(120);
    const lastRecord = { offset: 29, eventId: expect.any(String), timestamp: expect.any(Number) };
    expect(batches[0]?.positions).toEqual(
      [0, 1, 2, 3].map((partition) => ({
        topic: TOPIC,
        epoch: assignments[0]![0]!.epoch,
        partition,
        expectedOffset: 0,
        nextOffset: 30,
        lastRecord,
      })),
    );
    for (const seqs of seqsByKey(await world.effects()).values()) expect(seqs).toEqual(oneTo(30));
  });

  it('is retried after transient errors, and the records that it can never handle become dead letters', async () => {
    const producer = await world.producer();
    const [fine, bad] = [conversation(10), conversation(10)];
    let faults = 3;
    const strategy = startBatches((batch) => {
      if (faults-- > 0) throw Object.assign(new Error('deadlock detected'), { code: '40P01' });
      if (batch.records.some((event) => event.key === bad[0]!.conversationId && 'seq' in event.payload && event.payload.seq % 4 === 0))
        throw new Error('cannot handle this');
    });
    strategy.listen(() => undefined);
    const badRecords = await toPartition(bad, 1);
    badRecords.splice(5, 0, { ...badRecords[0]!, value: Buffer.from('nonsense') });
    await producer.send({ topic: world.topic, messages: [...(await toPartition(fine, 0)), ...badRecords] });

    await eventually(async () => expect(await world.effects()).toHaveLength(18));
    const seqs = seqsByKey(await world.effects());
    expect(seqs.get(fine[0]!.conversationId)).toEqual(oneTo(10));
    expect(seqs.get(bad[0]!.conversationId)).toEqual(oneTo(10).filter((seq) => seq % 4 !== 0));
    const letters = world.atEnd(new DeadLetters(world.config, GROUP, log), (one) => one.close());
    await eventually(async () => expect(await letters.list()).toHaveLength(3));
  });

  it('cannot store effects that another process has stored already', async () => {
    const producer = await world.producer();
    const messages = conversation(4);
    let overtaken = false;
    const strategy = new KafkaEventsStrategy({
      group: GROUP,
      topics: [TOPIC],
      kafka: world.config,
      dataSource: world.dataSource,
      logger: log,
      onBatch: async (batch) => {
        if (!overtaken) {
          overtaken = true;
          // Another process has handled the first three while this one was disconnected.
          await world.dataSource.query('update consumer_positions set next_offset = 3 where partition = 0');
        }
        await world.dataSource.transaction(async (manager) => {
          for (const event of batch.records) await writeEffect(manager, event);
          await batch.storePositions(manager);
        });
      },
    });
    world.atEnd(strategy, (one) => one.close());
    strategy.listen(() => undefined);
    await producer.send({ topic: world.topic, messages: await toPartition(messages, 0) });
    await eventually(async () => expect((await world.effects()).map((effect) => effect.seq)).toEqual([4]));
    expect(await world.deadLetterCount()).toBe(0);
  });
});
