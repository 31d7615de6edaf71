import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Chat, eventually } from './kit/chat.js';
import type { TestUser } from './kit/test-user.js';

/** Longer than the reading takes, on the slowest machine: what is written within it is written once at its begin and once after it. */
const INTERVAL_MS = 20_000;
const SHORT_MS = 300;

/** Counts the updates of member rows that are not those of a message. */
async function countWrites(chat: Chat): Promise<() => Promise<number>> {
  await chat.sql.query(`
    create table receipt_writes (user_id uuid);
    create function count_receipt_write() returns trigger language plpgsql security definer set search_path = chat as $$
      begin insert into receipt_writes values (new.user_id); return null; end $$;
    create trigger receipt_write after update on members for each row
      when (new.receipts_written_at is distinct from old.receipts_written_at) execute function count_receipt_write()`);
  return async () => (await chat.rows<{ writes: number }>('select count(*)::int as writes from receipt_writes'))[0]!.writes;
}

const receiptEvents = async (chat: Chat, conversationId: string) =>
  (await chat.outbox<{ userId: string; lastReadSeq: number; lastDeliveredSeq: number }>(conversationId)).filter(
    ({ type }) => type === 'ReceiptsAdvanced',
  );

describe('within one interval', () => {
  it('the members of a group that read all its messages write one row and one event each', async () => {
    const chat = await Chat.start({ receiptIntervalMs: INTERVAL_MS });
    const writes = await countWrites(chat);
    const users = await chat.users(20);
    const conversationId = await chat.group(users);
    const [sender, ...readers] = users as [TestUser, ...TestUser[]];
    for (let i = 1; i <= 30; i++) await sender.send({ conversationId, content: `${i}` });

    for (const reader of readers) await reader.markRead(conversationId, 1);
    // The answers come after the next write, when the interval has passed or the service stops.
    const later = readers.flatMap((reader) => Array.from({ length: 29 }, (_, i) => reader.markRead(conversationId, i + 2)));
    await eventually(async () => expect(await receiptEvents(chat, conversationId)).toHaveLength(readers.length));
    expect(await writes()).toBe(readers.length);
    expect((await sender.conversation(conversationId)).members.map(({ lastReadSeq }) => lastReadSeq).sort()).toEqual([
      ...readers.map(() => 1),
      30,
    ]);
    await Promise.allSettled([chat.stop(), ...later]);
  });
});

describe('after the interval', () => {
  let chat: Chat;
  beforeAll(async () => {
    chat = await Chat.start({ receiptIntervalMs: SHORT_MS });
  });
  afterAll(() => chat?.stop());

  it('a receipt waits for no clock: that of a database before a failover may have been ahead', async () => {
    const [alice, bob] = (await chat.users(2)) as [TestUser, TestUser];
    const { conversationId } = await alice.send({ receiverId: bob.userId, content: '1' });
    await chat.sql.query(`update members set receipts_written_at = now() + interval '1 hour' where conversation_id = $1`, [conversationId]);
    expect(await bob.markRead(conversationId, 1)).toMatchObject({ unreadCount: 0 });
  });

  it('reading ends exact, for each member and in the last event, and is answered when it is stored', async () => {
    const users = await chat.users(10);
    const conversationId = await chat.group(users);
    const [sender, ...readers] = users as [TestUser, ...TestUser[]];
    for (let i = 1; i <= 20; i++) await sender.send({ conversationId, content: `${i}` });
    const startedAt = Date.now();
    const answers = await Promise.all(
      readers.flatMap((reader) =>
        Array.from({ length: 20 }, async (_, i) => ({ seq: i + 1, conversation: await reader.markRead(conversationId, i + 1), reader })),
      ),
    );
    const intervals = Math.ceil((Date.now() - startedAt) / SHORT_MS) + 1;
    for (const { seq, conversation, reader } of answers)
      expect(conversation.members.find(({ userId }) => userId === reader.userId)!.lastReadSeq).toBeGreaterThanOrEqual(seq);

    const lastSeqs = async () =>
      new Map((await receiptEvents(chat, conversationId)).map(({ payload }) => [payload.userId, payload.lastReadSeq]));
    await eventually(async () => expect([...(await lastSeqs()).values()]).toEqual(readers.map(() => 20)));
    const conversation = await sender.conversation(conversationId);
    expect(conversation.members.map(({ lastReadSeq }) => lastReadSeq)).toEqual(users.map(() => 20));
    const perMember = Map.groupBy(await receiptEvents(chat, conversationId), ({ payload }) => payload.userId);
    for (const events of perMember.values()) expect(events.length).toBeLessThanOrEqual(intervals);
  });

  it('a member that another transaction has locked is written later, and delays no other', async () => {
    const [alice, bob, carol] = (await chat.users(3)) as [TestUser, TestUser, TestUser];
    const conversationId = await chat.group([alice, bob, carol]);
    await alice.send({ conversationId, content: 'one' });
    const connection = await chat.sql.connect();
    await connection.query('begin');
    await connection.query('select 1 from members where conversation_id = $1 and user_id = $2 for update', [conversationId, bob.userId]);
    const reading = bob.markRead(conversationId, 1);
    expect((await carol.markRead(conversationId, 1)).unreadCount).toBe(0);
    await connection.query('commit');
    connection.release();
    expect((await reading).unreadCount).toBe(0);
  });
});
