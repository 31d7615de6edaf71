import { expect, it, onTestFinished } from 'vitest';
import type { CommittedRows } from '../../src/outbox/index.js';
import { eventually } from '../../src/testing/index.js';
import { World } from '../kit/event-world.js';
import { allOf, appendMessages, conversation, type Message } from '../kit/messages.js';

interface Row {
  id: string;
  topic: string;
  key: string;
  type: string;
  event_id: string;
  payload: string;
  created_at: Date;
}

async function start(): Promise<World> {
  const world = await World.create();
  onTestFinished(() => world.end());
  return world;
}

/** Commits a message, and returns its row, which it takes out of the table if `isHidden`. */
async function commit(world: World, message: Message, isHidden = false): Promise<CommittedRows> {
  const [row] = await world.dataSource.transaction(async (manager) => {
    await appendMessages(manager, message);
    return manager.query<Row[]>(`select * from outbox where id = currval('outbox_id_seq')`);
  });
  if (isHidden) await world.dataSource.query('delete from outbox where id = $1', [row!.id]);
  return offerOf([row!]);
}

function offerOf(written: Row[]): CommittedRows {
  const rows = written.map(({ topic, key, type, payload, event_id: eventId, created_at: createdAt }) => {
    return { topic, key, type, payload, eventId, createdAt, correlationId: null, traceparent: null };
  });
  return { rows, lastId: Number(written.at(-1)!.id) };
}

it('the relay publishes what it is offered without reading it, and deletes it', async () => {
  const world = await start();
  const relay = world.relay(world.config, undefined, 3_600_000);
  world.consumer();
  const messages = conversation(8);
  const [first, second, third, ...others] = messages;
  // It knows up to which id everything is published once it has read twice.
  for (const message of [first, second, third]) {
    relay.offer(await commit(world, message!));
    await eventually(async () => expect(await world.effects()).toHaveLength(message!.seq));
  }
  await eventually(async () => expect(await world.outboxSize()).toBe(0));
  // A read would not find these.
  for (const message of others) {
    relay.offer(await commit(world, message, message !== others.at(-1)));
    await eventually(async () => expect(await world.effects()).toHaveLength(message.seq));
  }
  expect(await world.arrived([messages])).toEqual(allOf([messages]));
  await eventually(async () => expect(await world.outboxSize()).toBe(0));
});

it('the relay reads the table when another transaction has taken an id before an offer', async () => {
  const world = await start();
  const relay = world.relay(world.config, undefined, 3_600_000);
  world.consumer();
  const [one, other] = [conversation(6), conversation(6)];
  for (const [n, message] of one.entries()) {
    const runner = world.dataSource.createQueryRunner();
    await runner.startTransaction();
    await appendMessages(runner.manager, other[n]!);
    const offer = await commit(world, message);
    relay.offer(offer);
    await eventually(async () => expect((await world.effects()).length).toBe(2 * n + 1));
    await runner.commitTransaction();
    await runner.release();
    relay.wake();
    await eventually(async () => expect((await world.effects()).length).toBe(2 * n + 2));
  }
  expect(await world.arrived([one, other])).toEqual(allOf([one, other]));
  await eventually(async () => expect(await world.outboxSize()).toBe(0));
});

it('no event of another transaction is lost when the relay has read the rows of one before it is offered them', async () => {
  const world = await start();
  const relay = world.relay(world.config, undefined, 3_600_000);
  world.consumer();
  const [before, one, other] = [conversation(3), conversation(2), conversation(1)];
  for (const message of before) {
    relay.offer(await commit(world, message));
    await eventually(async () => expect(await world.effects()).toHaveLength(message.seq));
  }
  const runner = world.dataSource.createQueryRunner();
  await runner.startTransaction();
  const { rows, lastId } = await world.dataSource.transaction(async (manager) => {
    await appendMessages(manager, one[0]!);
    await appendMessages(runner.manager, other[0]!);
    await appendMessages(manager, one[1]!);
    const written = await manager.query<Row[]>('select * from outbox where key = $1 order by id', [one[0]!.conversationId]);
    return offerOf(written);
  });
  relay.wake();
  await eventually(async () => expect(await world.effects()).toHaveLength(5));
  relay.offer({ rows, lastId });
  await eventually(async () => expect(await world.outboxSize()).toBe(0));

  await runner.commitTransaction();
  await runner.release();
  relay.wake();
  expect(await world.arrived([before, one, other])).toEqual(allOf([before, one, other]));
});
