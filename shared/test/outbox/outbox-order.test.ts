import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../src/testing/index.js';
import { World } from '../kit/event-world.js';
import { allOf, appendMessages, conversation, oneTo, seqsByKey, type Message } from '../kit/messages.js';

let world: World;
beforeEach(async () => {
  world = await World.create();
});
afterEach(() => world.end());

describe('the outbox relay', () => {
  it('publishes an event whose transaction commits after later ones were published', async () => {
    const stalled = world.dataSource.createQueryRunner();
    await stalled.connect();
    await stalled.startTransaction();
    const [late] = conversation(1) as [Message];
    await appendMessages(stalled.manager, late);
    world.relay();
    world.consumer();
    const others = [];
    // Long enough, and in enough batches, for a low-water mark that rises too early to pass the open transaction.
    for (let round = 0; round < 30; round++) {
      const one = conversation(2);
      others.push(one);
      await world.publish(...one);
      await sleep(50);
    }
    expect(await world.arrived(others)).toEqual(allOf(others));
    await stalled.commitTransaction();
    await stalled.release();
    expect(await world.arrived([...others, [late]])).toEqual(allOf([...others, [late]]));
  });

  it('keeps the order of each conversation with twenty concurrent writers', async () => {
    world.relay();
    world.consumer();
    const ids = Array.from({ length: 4 }, () => crypto.randomUUID());
    for (const id of ids) await world.dataSource.query('insert into conversations (id) values ($1)', [id]);
    const writer = async (index: number) => {
      for (let n = 0; n < 25; n++) {
        const id = ids[(index + n) % ids.length]!;
        await world.dataSource.transaction(async (manager) => {
          await manager.query('select 1 from conversations where id = $1 for update', [id]);
          await manager.query('update conversations set last_seq = last_seq + 1 where id = $1', [id]);
          const [row] = (await manager.query('select last_seq from conversations where id = $1', [id])) as { last_seq: number }[];
          await appendMessages(manager, { conversationId: id, seq: row!.last_seq });
        });
      }
    };
    await Promise.all(Array.from({ length: 20 }, (_, index) => writer(index)));
    const conversations = ids.map((id) => conversation(125, id));
    expect(await world.arrived(conversations)).toEqual(allOf(conversations));
  });

  it('blocks a conversation at an event that cannot be published, and no other conversation', async () => {
    const [stuck, free] = [conversation(3), conversation(3)];
    await world.publish(stuck[0]!);
    await world.publish(stuck[1]!);
    await world.dataSource.query(`update outbox set payload = '{"seq":"two"}' where id = (select max(id) from outbox)`);
    await world.publish(stuck[2]!, ...free);
    const relay = world.relay();
    world.consumer();

    await eventually(async () => expect(await world.effects()).toHaveLength(4));
    await world.publish(...conversation(3, free[0]!.conversationId).map((message) => ({ ...message, seq: message.seq + 3 })));
    relay.wake();
    await eventually(async () => expect(seqsByKey(await world.effects()).get(free[0]!.conversationId)).toEqual(oneTo(6)));
    expect(seqsByKey(await world.effects()).get(stuck[0]!.conversationId)).toEqual([1]);
    await eventually(async () => expect(await world.outboxSize()).toBe(2));

    const [fixed] = conversation(1, stuck[0]!.conversationId) as [Message];
    await world.dataSource.query(`update outbox set payload = (select replace($1, '"seq":1', '"seq":2')) where payload = '{"seq":"two"}'`, [
      JSON.stringify({
        messageId: fixed.conversationId,
        ...fixed,
        senderId: fixed.conversationId,
        content: 'x',
        createdAt: new Date().toISOString(),
      }),
    ]);
    await eventually(async () => expect(seqsByKey(await world.effects()).get(stuck[0]!.conversationId)).toEqual([1, 2, 3]));
  });
});
