import type { ChatConversation, ChatMessage, MessageReceipt } from '@chat/shared/contracts';
import { newId } from '@chat/shared/database';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Chat, eventually, type TestUser } from './kit/chat.js';

let chat: Chat;
beforeAll(async () => {
  chat = await Chat.start();
});
afterAll(() => chat?.stop());

const read = (user: TestUser, conversationId: string, seq: number) =>
  user.must<ChatConversation>('PATCH', `/chat/conversations/${conversationId}/read`, { seq });
const message = (user: TestUser, id: string) => user.must<ChatMessage>('GET', `/chat/messages/${id}`);
const seqsOf = (conversation: ChatConversation, user: TestUser) => {
  const { lastReadSeq, lastDeliveredSeq } = conversation.members.find(({ userId }) => userId === user.userId)!;
  return { lastReadSeq, lastDeliveredSeq };
};
/** The published receipts, in order. */
const published = async (conversationId: string) =>
  (await chat.outbox<{ userId: string; lastReadSeq: number; lastDeliveredSeq: number }>(conversationId))
    .filter(({ type }) => type === 'ReceiptsAdvanced')
    .map(({ payload }) => payload);

describe('reading', () => {
  it('only increases, at most up to the newest message', async () => {
    const [alice, bob] = (await chat.users(2)) as [TestUser, TestUser];
    const { conversationId } = await alice.send({ receiverId: bob.userId, content: 'one' });
    await alice.send({ conversationId, content: 'two' });
    await alice.send({ conversationId, content: 'three' });
    expect(await read(bob, conversationId, 0)).toMatchObject({ unreadCount: 3 });
    expect(await read(bob, conversationId, 2)).toMatchObject({ unreadCount: 1 });
    expect(await read(bob, conversationId, 1)).toMatchObject({ unreadCount: 1 });
    const all = await read(bob, conversationId, 2_147_483_647);
    expect(all.unreadCount).toBe(0);
    expect(seqsOf(all, bob)).toEqual({ lastReadSeq: 3, lastDeliveredSeq: 3 });
    await alice.send({ conversationId, content: 'four' });
    expect(await bob.conversation(conversationId)).toMatchObject({ unreadCount: 1 });
  });

  it('a message marks everything up to it as read, whether or not the user sent it', async () => {
    const [alice, bob] = (await chat.users(2)) as [TestUser, TestUser];
    const first = await alice.send({ receiverId: bob.userId, content: 'one' });
    const second = await alice.send({ conversationId: first.conversationId, content: 'two' });
    const third = await alice.send({ conversationId: first.conversationId, content: 'three' });
    expect(await bob.must('PATCH', `/chat/messages/${second.id}/read`)).toEqual({ ...second, status: 'READ', readAt: expect.any(String) });
    expect(await message(alice, first.id)).toMatchObject({ status: 'READ' });
    expect(await message(alice, third.id)).toMatchObject({ status: 'SENT', readAt: null });
    expect(await alice.must('PATCH', `/chat/messages/${third.id}/read`)).toMatchObject({ status: 'SENT' });
    expect(await bob.conversation(first.conversationId)).toMatchObject({ unreadCount: 1 });
  });

  it('happens by sending, for everything before', async () => {
    const [alice, bob] = (await chat.users(2)) as [TestUser, TestUser];
    const first = await alice.send({ receiverId: bob.userId, content: 'one' });
    const second = await alice.send({ conversationId: first.conversationId, content: 'two' });
    const reply = await bob.send({ conversationId: first.conversationId, content: 'read them' });
    expect(await bob.conversation(first.conversationId)).toMatchObject({ unreadCount: 0 });
    expect(await message(alice, first.id)).toMatchObject({ status: 'READ', readAt: reply.createdAt });
    expect(await message(alice, second.id)).toMatchObject({ status: 'READ', readAt: reply.createdAt });
  });

  it('readAt is the time of the increase that included the message', async () => {
    const [alice, bob] = (await chat.users(2)) as [TestUser, TestUser];
    const first = await alice.send({ receiverId: bob.userId, content: 'one' });
    await read(bob, first.conversationId, 1);
    const firstReadAt = (await message(alice, first.id)).readAt!;
    const second = await alice.send({ conversationId: first.conversationId, content: 'two' });
    await new Promise((resolve) => setTimeout(resolve, 5));
    await read(bob, first.conversationId, 2);
    expect((await message(alice, first.id)).readAt).toBe(firstReadAt);
    const secondReadAt = (await message(alice, second.id)).readAt!;
    expect(secondReadAt > firstReadAt).toBe(true);
    expect(firstReadAt >= first.createdAt).toBe(true);
  });

  it('in a group, a message is read when the last member read it', async () => {
    const [alice, bob, carol] = (await chat.users(3)) as [TestUser, TestUser, TestUser];
    const conversationId = await chat.group([alice, bob, carol]);
    const sent = await alice.send({ conversationId, content: 'all of you' });
    await read(bob, conversationId, 1);
    expect(await message(alice, sent.id)).toMatchObject({ status: 'SENT', readAt: null });
    await chat.sql.query('update members set last_delivered_seq = 1 where conversation_id = $1', [conversationId]);
    expect(await message(alice, sent.id)).toMatchObject({ status: 'DELIVERED', readAt: null });
    await read(carol, conversationId, 1);
    const [step] = await chat.rows<{ read_at: Date }>(
      'select read_at from read_receipt_history where conversation_id = $1 and user_id = $2',
      [conversationId, carol.userId],
    );
    expect(await message(alice, sent.id)).toMatchObject({ status: 'READ', readAt: step!.read_at.toISOString() });
  });

  it('receipts of many messages are returned in the order of the request, without those of other conversations', async () => {
    const [alice, bob, carol] = (await chat.users(3)) as [TestUser, TestUser, TestUser];
    const first = await alice.send({ receiverId: bob.userId, content: 'one' });
    const second = await alice.send({ conversationId: first.conversationId, content: 'two' });
    const foreign = await bob.send({ receiverId: carol.userId, content: 'not for Alice' });
    await read(bob, first.conversationId, 1);
    const receipts = await alice.must<MessageReceipt[]>('POST', '/chat/messages/receipts', {
      messageIds: [second.id, foreign.id, first.id],
    });
    expect(receipts).toEqual([
      { messageId: second.id, status: 'SENT', readAt: null },
      { messageId: first.id, status: 'READ', readAt: expect.any(String) },
    ]);
  });
});

describe('ReceiptsAdvanced', () => {
  it('is published soon after reading, after the messages that it includes', async () => {
    const [alice, bob] = (await chat.users(2)) as [TestUser, TestUser];
    const { conversationId } = await alice.send({ receiverId: bob.userId, content: 'one' });
    await read(bob, conversationId, 1);
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
    await Promise.all(Array.from({ length: 30 }, (_, i) => read(bob, conversationId, i + 1)));
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
    await read(bob, conversationId, 1);
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
      const sending = chat.sql.query('select * from send_messages($1, $2, $3, $4, $5, $6, $7, $8)', [
        [conversationId],
        [bob.userId],
        [null],
        [newId()],
        ['three'],
        [newId()],
        [null],
        [null],
      ]);
      await eventually(
        async () =>
          (await chat.rows("select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like '%send_messages%'")).length > 0,
      );
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
