import type { ChatConversation, ChatMessage, DeliveredReceipts } from '@chat/shared/contracts';
import { newId } from '@chat/shared/database';
import { internalTokensOf } from '@chat/shared/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Chat, eventually } from './kit/chat.js';
import { problem, refusal } from './kit/refusal.js';
import type { TestUser } from './kit/test-user.js';

let chat: Chat;
beforeAll(async () => {
  chat = await Chat.start();
});
afterAll(() => chat?.stop());

const message = (user: TestUser, id: string) => user.must<ChatMessage>('GET', `/chat/messages/${id}`);
const seqsOf = ({ members }: ChatConversation, user: TestUser) => {
  const { lastReadSeq, lastDeliveredSeq } = members.find(({ userId }) => userId === user.userId)!;
  return [lastReadSeq, lastDeliveredSeq];
};

/** As a gateway requests it. */
async function deliver(receipts: DeliveredReceipts): Promise<number> {
  const token = internalTokensOf('api-gateway').issue('chat-service', { userId: newId(), sessionId: newId() });
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const body = JSON.stringify(receipts);
  return (await fetch(`${chat.service.url}/chat/receipts/delivered`, { method: 'POST', headers, body })).status;
}

describe('delivery', () => {
  it('only increases, at most up to the newest message, and reads nothing', async () => {
    const [alice, bob] = (await chat.users(2)) as [TestUser, TestUser];
    const first = await alice.send({ receiverId: bob.userId, content: 'one' });
    const { conversationId } = first;
    const second = await alice.send({ conversationId, content: 'two' });
    await bob.markDelivered(conversationId, 1);
    expect(await message(alice, first.id)).toMatchObject({ status: 'DELIVERED', readAt: null });
    expect(await message(alice, second.id)).toMatchObject({ status: 'SENT' });
    await bob.markDelivered(conversationId, 2_147_483_647);
    await bob.markDelivered(conversationId, 1);
    const conversation = await bob.conversation(conversationId);
    expect(seqsOf(conversation, bob)).toEqual([0, 2]);
    expect(conversation.unreadCount).toBe(2);
    await alice.send({ conversationId, content: 'three' });
    expect(seqsOf(await bob.conversation(conversationId), bob)).toEqual([0, 2]);
    expect(seqsOf(await bob.markRead(conversationId, 3), bob)).toEqual([3, 3]);
  });

  it('is published, without a step back in what was read', async () => {
    const [alice, bob] = (await chat.users(2)) as [TestUser, TestUser];
    const { conversationId } = await alice.send({ receiverId: bob.userId, content: 'one' });
    await bob.markRead(conversationId, 1);
    await alice.send({ conversationId, content: 'two' });
    await bob.markDelivered(conversationId, 2);
    await eventually(async () =>
      expect((await chat.outbox(conversationId)).at(-1)).toMatchObject({
        type: 'ReceiptsAdvanced',
        payload: { userId: bob.userId, lastReadSeq: 1, lastDeliveredSeq: 2 },
      }),
    );
  });

  it('is rejected for a seq that is none, and like an unknown conversation for one of others', async () => {
    const [alice, bob, stranger] = (await chat.users(3)) as [TestUser, TestUser, TestUser];
    const { conversationId } = await alice.send({ receiverId: bob.userId, content: 'one' });
    for (const seq of [-1, 1.5, '1', null, 2_147_483_648])
      expect(await refusal(chat, bob, 'PATCH', `/chat/conversations/${conversationId}/delivered`, { seq })).toMatchObject(
        problem(400, 'BAD_USER_INPUT'),
      );
    for (const [user, id] of [
      [stranger, conversationId],
      [bob, newId()],
    ] as const)
      expect(await refusal(chat, user, 'PATCH', `/chat/conversations/${id}/delivered`, { seq: 1 })).toMatchObject(
        problem(404, 'NOT_FOUND'),
      );
  });
});

describe('a gateway', () => {
  it('advances many members of many conversations with one request, without those that are not members', async () => {
    const [alice, bob, carol] = (await chat.users(3)) as [TestUser, TestUser, TestUser];
    const one = await alice.send({ receiverId: bob.userId, content: 'one' });
    const group = await chat.group([alice, bob, carol]);
    const two = await alice.send({ conversationId: group, content: 'two' });
    const status = await deliver({
      conversationIds: [one.conversationId, group, group, one.conversationId, newId()],
      userIds: [bob.userId, bob.userId, carol.userId, carol.userId, bob.userId],
      seqs: [1, 1, 1, 1, 1],
    });
    expect(status).toBe(204);
    expect(await message(alice, one.id)).toMatchObject({ status: 'DELIVERED' });
    expect(await message(alice, two.id)).toMatchObject({ status: 'DELIVERED' });
  });

  it('cannot send lists of different lengths, or too many receipts', async () => {
    expect(await deliver({ conversationIds: [newId()], userIds: [newId()], seqs: [] })).toBe(400);
    const ids = Array.from({ length: 2001 }, () => newId());
    expect(await deliver({ conversationIds: ids, userIds: ids, seqs: ids.map(() => 1) })).toBe(400);
  });
});
