import type { Message as KafkaRecord } from 'kafkajs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AssignedPartition, KafkaEventsStrategy } from '../../src/consumer/index.js';
import { eventually } from '../../src/testing/index.js';
import { GROUP, World } from '../kit/event-world.js';
import { deleteRecordsBefore, recreateTopic } from '../kit/log-faults.js';
import { conversation, oneTo } from '../kit/messages.js';

const PARTITION = 2;
/** Recent: retention would delete older records while a test runs. */
const FIRST_RECORD_AT = Date.now() - 3_600_000;

let world: World;
let records: (KafkaRecord & { timestamp: string })[];
beforeEach(async () => {
  world = await World.create();
  const written = await Promise.all(conversation(12).map((message) => world.record(message)));
  records = written.map((record, n) => ({ ...record, partition: PARTITION, timestamp: String(FIRST_RECORD_AT + n) }));
});
afterEach(() => world.end());

const seqs = async (): Promise<number[]> => (await world.effects()).map(({ seq }) => seq);
const epochOf = (consumer: KafkaEventsStrategy): number => Math.max(...consumer.assigned().map(({ epoch }) => epoch));

/** Writes these records, once the topic has leaders. */
async function write(...messages: KafkaRecord[]): Promise<void> {
  const producer = await world.producer();
  await eventually(() => producer.send({ topic: world.topic, messages }));
}

/** A consumer that has handled the first records, and is stopped; returns its epoch. */
async function handle(count: number): Promise<number> {
  const consumer = world.consumer();
  await write(...records.slice(0, count));
  await eventually(async () => expect(await seqs()).toEqual(oneTo(count)));
  const epoch = epochOf(consumer);
  await consumer.close();
  return epoch;
}

describe('a topic that is longer than the stored position', () => {
  it('and was recreated meanwhile is another log: it is read from its start', async () => {
    const epoch = await handle(3);
    await recreateTopic(world);
    await write(...records.slice(3, 9));
    const consumer = world.consumer();
    await eventually(async () => expect(await seqs()).toEqual(oneTo(9)));
    expect(epochOf(consumer)).toBeGreaterThan(epoch);
  });

  it('and was recreated while it was consumed is another log, too', async () => {
    const consumer = world.consumer();
    await write(...records.slice(0, 3));
    await eventually(async () => expect(await seqs()).toEqual(oneTo(3)));
    const epoch = epochOf(consumer);
    await recreateTopic(world);
    await write(...records.slice(3, 9));
    await eventually(async () => expect(await seqs()).toEqual(oneTo(9)), { timeoutMs: 30_000 });
    expect(epochOf(consumer)).toBeGreaterThan(epoch);
  });

  it('and lost its tail before it grew again is another log: what was handled has no second effect', async () => {
    const epoch = await handle(3);
    await recreateTopic(world);
    // The third record was lost; the relay has published others since.
    await write(...records.slice(0, 2), ...records.slice(3, 6));
    const consumer = world.consumer();
    await eventually(async () => expect(await seqs()).toEqual(oneTo(6)));
    expect(epochOf(consumer)).toBeGreaterThan(epoch);
  });

  it('and still has the record before the position is the same log', async () => {
    const epoch = await handle(3);
    await write(...records.slice(3, 6));
    const consumer = world.consumer();
    await eventually(async () => expect(await seqs()).toEqual(oneTo(6)));
    expect(epochOf(consumer)).toBe(epoch);
  });

  it('is accepted once for a position that a build before has stored, without the record before it', async () => {
    const epoch = await handle(3);
    await world.dataSource.query('update consumer_positions set next_offset = next_offset + 1 where next_offset > 0');
    await write(...records.slice(3, 6));
    const consumer = world.consumer();
    await eventually(async () => expect(await seqs()).toEqual([1, 2, 3, 5, 6]));
    expect(epochOf(consumer)).toBe(epoch);
    const [row] = await world.dataSource.query('select last_offset, last_event_id from consumer_positions where next_offset > 0');
    expect(row).toEqual({ last_offset: '5', last_event_id: records[5]!.headers!['event-id'] });
  });
});

describe('a log whose oldest records were deleted by retention', () => {
  it('is the same log, also when the record before the position was deleted', async () => {
    const epoch = await handle(3);
    await write(...records.slice(3, 6));
    await deleteRecordsBefore(world, PARTITION, 3);
    const consumer = world.consumer();
    await eventually(async () => expect(await seqs()).toEqual(oneTo(6)));
    expect(epochOf(consumer)).toBe(epoch);
  });

  it('before they were handled: listeners learn it, and the position moves to the first record', async () => {
    await handle(3);
    await write(...records.slice(3, 9));
    await deleteRecordsBefore(world, PARTITION, 6);
    const given: AssignedPartition[] = [];
    const consumer = world.strategy();
    consumer.onAssigned((partitions) => given.push(...partitions));
    consumer.addHandler('MessageCreated', async () => Promise.resolve(), true);
    consumer.listen(() => undefined);
    const stored = async () =>
      await world.dataSource.query('select next_offset::int as n from consumer_positions where consumer_group like $1 and partition = $2', [
        `%${GROUP}`,
        PARTITION,
      ]);
    await eventually(async () => expect(await stored()).toEqual([{ n: 9 }]));
    expect(given.find(({ partition }) => partition === PARTITION)).toMatchObject({ nextOffset: 3, firstOffset: 6 });
  });

  it('completely: the position of a new group is its end', async () => {
    await write(...records.slice(0, 4));
    await deleteRecordsBefore(world, PARTITION, 4);
    const consumer = world.consumer();
    await eventually(() => expect(consumer.assigned().find(({ partition }) => partition === PARTITION)).toMatchObject({ nextOffset: 4 }));
    const rows = await world.dataSource.query('select next_offset::int as n from consumer_positions where partition = $1', [PARTITION]);
    expect(rows).toEqual([{ n: 4 }]);
  });
});

it('the first epoch of a schema is a number that no earlier schema had: the seconds since 2026', async () => {
  const [before] = await world.dataSource.query(`select extract(epoch from now() - timestamptz '2026-01-01T00:00:00Z')::int as seconds`);
  const epoch = await handle(1);
  expect(epoch).toBeGreaterThanOrEqual(before.seconds);
  expect(epoch).toBeLessThan(before.seconds + 3600);
});
