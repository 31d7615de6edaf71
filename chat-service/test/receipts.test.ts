import type { ChatConversation, ChatMessage, MessageReceipt } from '@chat/shared/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Chat } from './kit/chat.js';
import type { TestUser } from './kit/test-user.js';

let chat: Chat;
beforeAll(async () => {
  chat = await Chat.start();
});
afterAll(() => chat?.stop());

const message = (user: TestUser, id: string) => user.must<ChatMessage>('GET', `/chat/messages/${id}`);
const seqsOf = (conversation: ChatConversation, user: TestUser) => {
  const { lastReadSeq, lastDeliveredSeq } = conversation.members.find(({ userId }) => userId === user.userId)!;
  return { lastReadSeq, lastDeliveredSeq };
};

describe('reading', () => {
  it('only increases, at most up to the newest message', async () => {
    const [alice, bob] = (await chat.users(2)) as [TestUser, TestUser];
    const { conversationId } = await alice.send({ receiverId: bob.userId, content: 'one' });
    await alice.send({ conversationId, content: 'two' });
    await alice.send({ conversationId, content: 'three' });
    expect(await bob.markRead(conversationId, 0)).toMatchObject({ unreadCount: 3 });
    expect(await bob.markRead(conversationId, 2)).toMatchObject({ unreadCount: 1 });
    expect(await bob.markRead(conversationId, 1)).toMatchObject({ unreadCount: 1 });
    const all = await bob.markRead(conversationId, 2_147_483_647);
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
    await bob.markRead(first.conversationId, 1);
    const firstReadAt = (await message(alice, first.id)).readAt!;
    const second = await alice.send({ conversationId: first.conversationId, content: 'two' });
    await new Promise((resolve) => setTimeout(resolve, 5));
    await bob.markRead(first.conversationId, 2);
    expect((await message(alice, first.id)).readAt).toBe(firstReadAt);
    const secondReadAt = (await message(alice, second.id)).readAt!;
    expect(secondReadAt > firstReadAt).toBe(true);
    expect(firstReadAt >= first.createdAt).toBe(true);
  });

  it('in a group, a message is read when the last member read it', async () => {
    const [alice, bob, carol] = (await chat.users(3)) as [TestUser, TestUser, TestUser];
    const conversationId = await chat.group([alice, bob, carol]);
    const sent = await alice.send({ conversationId, content: 'all of you' });
    await bob.markRead(conversationId, 1);
    expect(await message(alice, sent.id)).toMatchObject({ status: 'SENT', readAt: null });
    await chat.sql.query('update members set last_delivered_seq = 1 where conversation_id = $1', [conversationId]);
    expect(await message(alice, sent.id)).toMatchObject({ status: 'DELIVERED', readAt: null });
    await carol.markRead(conversationId, 1);
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
    await bob.markRead(first.conversationId, 1);
    const receipts = await alice.must<MessageReceipt[]>('POST', '/chat/messages/receipts', {
      messageIds: [second.id, foreign.id, first.id],
    });
    expect(receipts).toEqual([
      { messageId: second.id, status: 'SENT', readAt: null },
      { messageId: first.id, status: 'READ', readAt: expect.any(String) },
    ]);
  });
});
