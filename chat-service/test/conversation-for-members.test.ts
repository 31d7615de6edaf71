import type { ChatConversation, ConversationForMembers } from '@chat/shared/contracts';
import { newId } from '@chat/shared/database';
import { internalTokensOf } from '@chat/shared/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Chat } from './kit/chat.js';
import { TestGroup } from './kit/groups.js';
import type { TestUser } from './kit/test-user.js';

let chat: Chat;
beforeAll(async () => {
  chat = await Chat.start();
});
afterAll(() => chat?.stop());

/** As a gateway requests it. */
async function request(conversationId: string): Promise<{ status: number; body: ConversationForMembers }> {
  const token = internalTokensOf('api-gateway').issue('chat-service', { userId: newId(), sessionId: newId() });
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`${chat.service.url}/chat/conversations/${conversationId}/for-members`, { headers });
  return { status: response.status, body: (await response.json()) as ConversationForMembers };
}

/** What a gateway shows to a member. */
function shownTo({ members, ...all }: ConversationForMembers, { userId }: TestUser): ChatConversation {
  const own = members.find((member) => member.userId === userId)!;
  return {
    ...all,
    ...(own.seesLastMessage ? {} : { lastMessage: null, lastMessageAt: null }),
    members: members.map(({ unreadCount: _unreadCount, mutedUntil: _mutedUntil, seesLastMessage: _seesLastMessage, ...member }) => member),
    unreadCount: own.unreadCount,
    mutedUntil: own.mutedUntil,
  };
}

it('a gateway gets a conversation as each of its members sees it', async () => {
  const [ada, ben, carl, late] = (await chat.users(4)) as [TestUser, TestUser, TestUser, TestUser];
  const group = await TestGroup.create(chat, ada, [ben, carl]);
  for (const content of ['one', 'two', 'three']) await group.send(ada, content);
  const { id } = (await group.send(ben, 'four')).body;
  await ada.react(id, '👍');
  await carl.markRead(group.id, 2);
  await carl.must('PUT', `/chat/conversations/${group.id}/mute`, { until: '2090-01-01T00:00:00.000Z' });
  await group.add(ada, late);
  const { body } = await request(group.id);
  for (const user of [ada, ben, carl, late]) expect(shownTo(body, user)).toEqual(await user.conversation(group.id));
  expect(body.members.map(({ unreadCount }) => unreadCount)).toEqual([1, 0, 2, 0]);

  // What only one side sees of a direct conversation without messages, and of one with a deleted message.
  const { conversationId, id: messageId } = await ada.send({ receiverId: ben.userId, content: 'direct' });
  await ada.deleteMessage(messageId);
  const direct = (await request(conversationId)).body;
  for (const user of [ada, ben]) expect(shownTo(direct, user)).toEqual(await user.conversation(conversationId));
  const empty = await carl.must<ChatConversation>('POST', '/chat/conversations', { receiverId: late.userId });
  expect(shownTo((await request(empty.id)).body, carl)).toEqual(empty);
});

it('a group that all members have left has no members', async () => {
  const [ada, ben] = (await chat.users(2)) as [TestUser, TestUser];
  const group = await TestGroup.create(chat, ada, [ben]);
  for (const user of [ben, ada]) await group.leave(user);
  expect(await request(group.id)).toMatchObject({ status: 200, body: { id: group.id, members: [] } });
});

it('a removed member is not among them, and an unknown conversation is NOT_FOUND', async () => {
  const [ada, ben] = (await chat.users(2)) as [TestUser, TestUser];
  const group = await TestGroup.create(chat, ada, [ben]);
  await group.remove(ada, ben);
  expect((await request(group.id)).body.members.map(({ userId }) => userId)).toEqual([ada.userId]);
  expect(await request(newId())).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
});
