import type { ChatConversation } from '@chat/shared/contracts';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { GatewayKit, type UserWithToken } from './kit/gateway-kit.js';

let kit: GatewayKit;
let ada: UserWithToken;
let ben: UserWithToken;
let group: ChatConversation;
beforeAll(async () => {
  kit = await GatewayKit.start();
});
afterAll(() => kit?.stop());
beforeEach(async () => {
  ({ ada, ben, talk: group } = await kit.createConversation());
  Object.assign(group, { kind: 'GROUP', title: 'Team' });
});

/** Beside a `conversation` that is never null, the one of MembersChanged needs an alias. */
const SELECTION = `__typename cursor
  ... on ConversationUpdated { conversation { id title members { userId } } }
  ... on MembersChanged { conversationId added removed now: conversation { id title unreadCount members { userId role } } }`;

it.each<[string, string, (id: string, userId: string) => [string, string, unknown]]>([
  [
    'createGroup(input: { title: " A  title ", memberIds: ["USER"] }) { id }',
    'createGroup',
    (_id, userId) => ['POST', '/chat/groups', { title: 'A title', memberIds: [userId] }],
  ],
  ['updateGroup(conversationId: "ID", title: "New") { id }', 'updateGroup', (id) => ['PATCH', `/chat/groups/${id}`, { title: 'New' }]],
  ['updateGroup(conversationId: "ID", title: null) { id }', 'updateGroup', (id) => ['PATCH', `/chat/groups/${id}`, { title: null }]],
  ['updateGroup(conversationId: "ID") { id }', 'updateGroup', (id) => ['PATCH', `/chat/groups/${id}`, {}]],
  [
    'updateGroup(conversationId: "ID", pictureMediaId: null) { id }',
    'updateGroup',
    (id) => ['PATCH', `/chat/groups/${id}`, { pictureMediaId: null }],
  ],
  [
    'updateGroup(conversationId: "ID", pictureMediaId: "USER") { id }',
    'updateGroup',
    (id, userId) => ['PATCH', `/chat/groups/${id}`, { pictureMediaId: userId }],
  ],
  [
    'addGroupMembers(conversationId: "ID", userIds: ["USER"]) { id }',
    'addGroupMembers',
    (id, userId) => ['POST', `/chat/groups/${id}/members`, { userIds: [userId] }],
  ],
  [
    'removeGroupMember(conversationId: "ID", userId: "USER") { id }',
    'removeGroupMember',
    (id, userId) => ['DELETE', `/chat/groups/${id}/members/${userId}`, undefined],
  ],
  [
    'setGroupMemberRole(conversationId: "ID", userId: "USER", role: ADMIN) { id }',
    'setGroupMemberRole',
    (id, userId) => ['PATCH', `/chat/groups/${id}/members/${userId}`, { role: 'ADMIN' }],
  ],
])('%s is one call of chat-service', async (mutation, name, expected) => {
  const userId = randomUUID();
  const [method, path, body] = expected(group.id, userId);
  kit.services.handlers.set(`${method} ${path}`, () => group);
  const answer = await kit.ask(`mutation { ${mutation.replace('ID"', `${group.id}"`).replace('USER', userId)} }`, {}, ada.token);
  expect(answer).toMatchObject({ errors: [], data: { [name]: { id: group.id } } });
  expect(kit.services.callsOf(method, path)).toMatchObject([{ userId: ada.userId, ...(body === undefined ? {} : { body }) }]);
});

it('leaveConversation answers true', async () => {
  const path = `/chat/conversations/${group.id}/leave`;
  kit.services.handlers.set(`POST ${path}`, () => undefined);
  const answer = await kit.ask(`mutation { leaveConversation(conversationId: "${group.id}") }`, {}, ada.token);
  expect(answer.data).toEqual({ leaveConversation: true });
  expect(kit.services.callsOf('POST', path)).toHaveLength(1);
});

it.each([
  ['createGroup(input: { title: "\\u200b", memberIds: [] }) { id }'],
  [`createGroup(input: { title: "${'x'.repeat(101)}", memberIds: [] }) { id }`],
  [`createGroup(input: { title: "x", memberIds: ["${randomUUID()}", "1"] }) { id }`],
  [`updateGroup(conversationId: "${randomUUID()}", title: "") { id }`],
  [`addGroupMembers(conversationId: "${randomUUID()}", userIds: ["x"]) { id }`],
  [`removeGroupMember(conversationId: "x", userId: "${randomUUID()}") { id }`],
  ['leaveConversation(conversationId: "x")'],
])('%s is BAD_USER_INPUT, and nothing is called', async (mutation) => {
  const before = kit.services.calls.length;
  const { errors } = await kit.ask(`mutation { ${mutation} }`, {}, ada.token);
  expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  expect(kit.services.calls.length).toBe(before);
});

it('an event has the conversation as it is now for the current user; a removed member has null', async () => {
  const [mine, theirs] = [await kit.events(ada.token, undefined, SELECTION), await kit.events(ben.token, undefined, SELECTION)];
  group.title = 'Newer';
  group.unreadCount = 3;
  const carl = randomUUID();
  await kit.services.feed.publish(
    kit.services.feed.recordTitle(group, 'New'),
    kit.services.feed.recordMembers(group, { added: [carl], removed: [ben.userId] }),
  );
  await mine.count(3);
  await theirs.count(3);
  const members = [{ userId: ada.userId }, { userId: ben.userId }];
  expect(mine.items[1]).toMatchObject({ __typename: 'ConversationUpdated', conversation: { id: group.id, title: 'Newer', members } });
  const changed = { __typename: 'MembersChanged', conversationId: group.id, added: [carl], removed: [ben.userId] };
  expect(mine.items[2]).toMatchObject({ ...changed, now: { id: group.id, title: 'Newer', unreadCount: 3, members } });
  expect(theirs.items[2]).toMatchObject({ ...changed, now: null });
  expect(new Set([...mine.items, ...theirs.items].map(({ cursor }) => cursor)).size).toBeGreaterThan(2);
});

it('replayed events have the present state, also for a member that was removed and added again', async () => {
  const { cursor } = await kit.events(ben.token, undefined, SELECTION);
  kit.services.feed.recordMembers(group, { removed: [ben.userId] });
  kit.services.feed.recordMembers(group, { added: [ben.userId] });
  kit.services.feed.recordTitle(group, 'Team');
  const path = `/chat/conversations/${group.id}/for-members`;
  const stream = await kit.events(ben.token, cursor, SELECTION);
  await stream.count(4);
  expect(stream.items.slice(1).map(({ now, conversation }) => (now ?? conversation)?.title ?? null)).toEqual([null, 'Team', 'Team']);
  expect(kit.services.callsOf('GET', path)).toHaveLength(1);
});

it('the title that a user that was removed meanwhile missed is in the event, and nothing else of the group', async () => {
  const stream = await kit.events(ben.token, undefined, SELECTION);
  const title = kit.services.feed.recordTitle(group, 'New');
  const path = `GET /chat/conversations/${group.id}/for-members`;
  kit.services.handlers.set(path, () => ({ ...group, title: 'Newest', members: group.members.slice(0, 1) }));
  await kit.services.feed.publish(title);
  await stream.count(2);
  expect(stream.items[1].conversation).toEqual({ id: group.id, title: 'New', members: [] });
});

it('while chat-service is unavailable, an event that needs it ends the stream, so that the client resumes without a loss', async () => {
  const few = await kit.events(ada.token, undefined, '__typename cursor ... on MembersChanged { removed }');
  const stream = await kit.events(ada.token, undefined, SELECTION);
  const { cursor } = stream;
  kit.services.unavailable.add('chat');
  await kit.services.feed.publish(kit.services.feed.recordMembers(group, { added: [randomUUID()] }));
  expect(await stream.end()).toBe('1012');
  expect(stream.items).toHaveLength(1);
  kit.services.unavailable.delete('chat');
  await few.count(2);
  const resumed = await kit.events(ada.token, cursor, SELECTION);
  await resumed.count(2);
  expect(resumed.items[1]).toMatchObject({ __typename: 'MembersChanged', now: { id: group.id } });
});
