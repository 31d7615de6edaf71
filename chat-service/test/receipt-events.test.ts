import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { SendQueries } from '../src/database/queries.js';
import { Chat, eventually } from './kit/chat.js';
import type { TestUser } from './kit/test-user.js';

let chat: Chat;
beforeAll(async () => {
  chat = await Chat.start();
});
afterAll(() => chat?.stop());

/** The published receipts, in order. */
const published = async (conversationId: string) =>
  (await chat.outbox<{ userId: string; lastReadSeq: number; lastDeliveredSeq: number }>(conversationId))
    .filter(({ type }) => type === 'ReceiptsAdvanced')
    .map(({ payload }) => payload);

describe('ReceiptsAdvanced', () => {
  it('is published soon after reading, after the messages that it includes', async () => {
    const [alice, bob] = (await chat.users(2)) as [TestUser, TestUser];
    const { conversationId } = await alice.send({ receiverId: bob.userId, content: 'one' });
    await bob.markRead(conversationId, 1);
    await eventually(async () => (await published(conversationId)).length === 1, { timeoutMs: 1000 });
    expect((await chat.outbox(conversationId)).at(-1)).toEqual({
      type: 'ReceiptsAdvanced',
      payload: { conversationId, userId: bob.userId, lastReadSeq: 1, lastDeliveredSeq: 1, advancedAt: expect.any(String) },
    });
  });

  it('combines many increases, and always includes the last one', async () => {
    const [alice, bob] = (await chat.users(2)) as [TestUser, TestUser];
    const { conversationId } = await alice.send({ receiverId: bob.userId, content: 'one' });
    for (let i = 0; i < 29; i++) await alice.send({ conversationId, content: 'more' });
    await Promise.all(Array.from({ length: 30 }, (_, i) => bob.markRead(conversationId, i + 1)));
    await eventually(async () => (await published(conversationId)).at(-1)?.lastReadSeq === 30);
    const events = await published(conversationId);
    expect(events.length).toBeLessThan(15);
    expect(events.map(({ lastReadSeq }) => lastReadSeq)).toEqual(events.map(({ lastReadSeq }) => lastReadSeq).sort((a, b) => a - b));
    await eventually(async () => (await chat.rows('select 1 from pending_receipt_events')).length === 0);
  });

  it('is published after a reply, which marks earlier messages as read, but not after further own messages', async () => {
    const [alice, bob] = (await chat.users(2)) as [TestUser, TestUser];
    const { conversationId } = await alice.send({ receiverId: bob.userId, content: 'one' });
    await alice.send({ conversationId, content: 'two' });
    await bob.send({ conversationId, content: 'three' });
    await eventually(async () => (await published(conversationId)).length > 0);
    expect(await published(conversationId)).toEqual([expect.objectContaining({ userId: bob.userId, lastReadSeq: 3, lastDeliveredSeq: 3 })]);
  });

  it('is published again when a batch advances the receipt while an earlier increase is being published', async () => {
    const [alice, bob] = (await chat.users(2)) as [TestUser, TestUser];
    const { conversationId } = await alice.send({ receiverId: bob.userId, content: 'one' });
    await bob.markRead(conversationId, 1);
    await eventually(async () => (await published(conversationId)).length === 1);
    await alice.send({ conversationId, content: 'two' });

    // The statements of publish_receipt_events one by one: it has locked the member row, and has not deleted the pending row yet.
    const publishing = await chat.sql.connect();
    try {
      await publishing.query('begin');
      await publishing.query('select 1 from members where conversation_id = $1 and user_id = $2 for no key update', [
        conversationId,
        bob.userId,
      ]);
      await chat.sql.query('insert into pending_receipt_events values ($1, $2)', [conversationId, bob.userId]);
      const attempts = vi.spyOn(chat.service.app.get(SendQueries, { strict: false }), 'row');
      const sending = bob.send({ conversationId, content: 'three' });
      await eventually(() => attempts.mock.calls.length > 0);
      await publishing.query('delete from pending_receipt_events where conversation_id = $1 and user_id = $2', [
        conversationId,
        bob.userId,
      ]);
      await publishing.query('commit');
      await sending;
    } finally {
      publishing.release();
    }
    await eventually(async () => (await published(conversationId)).at(-1)?.lastReadSeq === 3);
  });
});
