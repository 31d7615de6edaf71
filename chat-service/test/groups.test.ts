import type { ChatConversation, Paginated } from '@chat/shared/contracts';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { Chat } from './kit/chat.js';
import { TestGroup } from './kit/groups.js';
import type { TestUser } from './kit/test-user.js';

let chat: Chat;
let [ada, ben, carl, dora]: TestUser[] = [];
let group: TestGroup;
beforeAll(async () => {
  chat = await Chat.start();
});
afterAll(() => chat?.stop());
beforeEach(async () => {
  [ada, ben, carl, dora] = await chat.users(4);
  group = await TestGroup.create(chat, ada!, [ben!, carl!]);
});

const NOTHING = { added: [], removed: [], changedRoles: [] };

it('a new group has its creator as owner, the others as members, and one event on each topic', async () => {
  const conversation = await ada!.must<ChatConversation>('POST', '/chat/groups', {
    title: '  The   Team ',
    memberIds: [ben!.userId, ada!.userId, ben!.userId.toUpperCase()],
  });
  expect(conversation).toMatchObject({ kind: 'GROUP', title: 'The Team', lastSeq: 0, unreadCount: 0, lastMessage: null });
  expect(Object.fromEntries(conversation.members.map(({ userId, role }) => [userId, role]))).toEqual({
    [ada!.userId]: 'OWNER',
    [ben!.userId]: 'MEMBER',
  });
  const created = await chat.outbox(conversation.id);
  expect(created).toMatchObject([
    {
      type: 'ConversationCreated',
      payload: { kind: 'GROUP', title: 'The Team', createdBy: ada!.userId, createdAt: conversation.createdAt },
    },
  ]);
  expect(await chat.outbox(conversation.id, 'chat.membership')).toEqual(created);
  expect(await ben!.conversation(conversation.id)).toMatchObject({ title: 'The Team' });
  expect((await ben!.must<Paginated<ChatConversation>>('GET', '/chat/conversations')).data.map(({ id }) => id)).toContain(conversation.id);
});

it('the title is changed with one event, and the same title again changes nothing', async () => {
  expect((await group.setTitle(ada!, ' New  title ')).body).toMatchObject({ title: 'New title' });
  expect((await group.setTitle(ada!, 'New title')).status).toBe(200);
  expect((await ada!.request('PATCH', `/chat/groups/${group.id}`, {})).status).toBe(200);
  expect(await ben!.conversation(group.id)).toMatchObject({ title: 'New title' });
  expect((await chat.outbox(group.id)).slice(1)).toMatchObject([
    { type: 'ConversationUpdated', payload: { conversationId: group.id, title: 'New title', updatedBy: ada!.userId } },
  ]);
});

it('members are added with one event on each topic; present members and repetitions change nothing', async () => {
  const answer = await group.add(ada!, dora!, ben!, dora!);
  expect(answer.body.members.map(({ userId }) => userId).toSorted()).toEqual(
    [ada!, ben!, carl!, dora!].map(({ userId }) => userId).toSorted(),
  );
  expect((await group.add(ada!, dora!)).status).toBe(200);
  expect((await group.add(ada!)).status).toBe(200);
  const change = { ...NOTHING, added: [{ userId: dora!.userId, role: 'MEMBER' }], changedBy: ada!.userId, lastSeq: 0 };
  expect(await group.changes()).toEqual([change]);
  expect(await group.changes('chat.membership')).toEqual([change]);
});

it('a removed member is not in the group any more, and it does not exist for them', async () => {
  const { body } = await group.send(ben!, 'mine');
  expect((await group.remove(ada!, ben!)).body.members.map(({ userId }) => userId)).not.toContain(ben!.userId);
  expect(await group.changes()).toEqual([{ ...NOTHING, removed: [ben!.userId], changedBy: ada!.userId, lastSeq: 1 }]);
  for (const [method, path, payload] of [
    ['GET', `/chat/conversations/${group.id}`],
    ['GET', `/chat/messages?conversationId=${group.id}`],
    ...['', '/versions'].map((part) => ['GET', `/chat/messages/${body.id}${part}`] as const),
    ['PATCH', `/chat/messages/${body.id}/read`],
    ['PATCH', `/chat/conversations/${group.id}/read`, { seq: 1 }],
    ['POST', '/chat/messages', { conversationId: group.id, content: 'again' }],
    ['PATCH', `/chat/groups/${group.id}`, { title: 'x' }],
    ['POST', `/chat/groups/${group.id}/members`, { userIds: [dora!.userId] }],
    ['DELETE', `/chat/groups/${group.id}/members/${carl!.userId}`],
    ['POST', `/chat/conversations/${group.id}/leave`],
  ] as const)
    expect([path, (await ben!.request(method, path, payload)).status]).toEqual([path, 404]);
  expect(await ben!.must('POST', '/chat/conversations/bulk', { conversationIds: [group.id] })).toEqual([]);
  expect(await ben!.must('POST', '/chat/messages/receipts', { messageIds: [body.id] })).toEqual([]);
  expect(await ben!.must('GET', '/chat/conversations')).toMatchObject({ data: [], total: 0 });
  expect(
    await chat.rows('select 1 from read_receipt_history where conversation_id = $1 and user_id = $2', [group.id, ben!.userId]),
  ).toEqual([]);
});

it('roles are changed with one event, and the same role again changes nothing', async () => {
  expect((await group.setRole(ada!, ben!, 'ADMIN')).body.members).toContainEqual(
    expect.objectContaining({ userId: ben!.userId, role: 'ADMIN' }),
  );
  expect((await group.setRole(ada!, ben!, 'ADMIN')).status).toBe(200);
  const changedRoles = [{ userId: ben!.userId, role: 'ADMIN' }];
  expect(await group.changes()).toEqual([{ ...NOTHING, changedRoles, changedBy: ada!.userId, lastSeq: 0 }]);
});

it('the only owner keeps the role until there is another owner', async () => {
  for (const role of ['ADMIN', 'MEMBER'] as const)
    expect(await group.setRole(ada!, ada!, role)).toMatchObject({ status: 409, body: { code: 'CONFLICT' } });
  expect(await group.changes()).toEqual([]);
  await group.setRole(ada!, ben!, 'OWNER');
  expect((await group.setRole(ada!, ada!, 'MEMBER')).status).toBe(200);
  expect(await group.roles()).toEqual({ [ada!.userId]: 'MEMBER', [ben!.userId]: 'OWNER', [carl!.userId]: 'MEMBER' });
});

it('when the last owner leaves, the longest-standing admin becomes owner, or without one the longest-standing member', async () => {
  await group.add(ada!, dora!);
  await group.setRole(ada!, dora!, 'ADMIN');
  expect(await group.leave(ada!)).toMatchObject({ status: 204 });
  expect(await group.roles()).toMatchObject({ [dora!.userId]: 'OWNER', [ben!.userId]: 'MEMBER' });
  const leaving = { ...NOTHING, removed: [ada!.userId], changedRoles: [{ userId: dora!.userId, role: 'OWNER' }], changedBy: ada!.userId };
  expect((await group.changes()).at(-1)).toMatchObject(leaving);

  await group.add(dora!, ada!);
  await group.remove(dora!, ben!);
  const answer = await group.remove(dora!, dora!);
  expect(answer).toMatchObject({ status: 200, body: { id: group.id } });
  expect(answer.body.members.map(({ userId, role }) => [userId, role])).toEqual([
    [carl!.userId, 'OWNER'],
    [ada!.userId, 'MEMBER'],
  ]);
  expect(await group.roles()).toEqual({ [carl!.userId]: 'OWNER', [ada!.userId]: 'MEMBER' });
});

it('an owner that is not the last one leaves no role behind, and the last member leaves an empty group', async () => {
  await group.setRole(ada!, ben!, 'OWNER');
  await group.leave(ada!);
  expect((await group.changes()).at(-1)).toMatchObject({ removed: [ada!.userId], changedRoles: [] });
  await group.leave(carl!);
  await group.leave(ben!);
  expect(await group.roles()).toEqual({});
  expect((await group.leave(ben!)).status).toBe(404);
});

it('a direct conversation keeps its members, and has no title and no roles', async () => {
  const { conversationId } = await ada!.send({ receiverId: ben!.userId, content: 'hello' });
  const before = await chat.outbox(conversationId);
  for (const [method, path, payload] of [
    ['POST', `/chat/conversations/${conversationId}/leave`],
    ['PATCH', `/chat/groups/${conversationId}`, { title: 'x' }],
    ['POST', `/chat/groups/${conversationId}/members`, { userIds: [dora!.userId] }],
    ['PATCH', `/chat/groups/${conversationId}/members/${ben!.userId}`, { role: 'ADMIN' }],
    ['DELETE', `/chat/groups/${conversationId}/members/${ben!.userId}`],
    ['DELETE', `/chat/groups/${conversationId}/members/${ada!.userId}`],
  ] as const)
    expect([path, await ada!.request(method, path, payload)]).toMatchObject([path, { status: 403, body: { code: 'FORBIDDEN' } }]);
  expect(await chat.outbox(conversationId)).toEqual(before);
});
