import type { ChatConversation, ConversationMembers, ConversationSummary, Paginated } from '@chat/shared/contracts';
import { newId } from '@chat/shared/database';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Chat } from './kit/chat.js';
import { TestGroup } from './kit/groups.js';
import { problem, refusal } from './kit/refusal.js';
import type { TestUser } from './kit/test-user.js';

let chat: Chat;
let ada: TestUser;
let ben: TestUser;
let group: TestGroup;
beforeAll(async () => {
  chat = await Chat.start();
  [ada, ben] = (await chat.users(2)) as [TestUser, TestUser];
  group = await TestGroup.create(chat, ada, [ben]);
  await group.send(ada);
});
afterAll(() => chat?.stop());

async function withoutMembers<Body>(user: TestUser, method: string, path: string, body?: unknown): Promise<Body> {
  const headers = { authorization: `Bearer ${user.token}`, prefer: 'omit=members', 'content-type': 'application/json' };
  const response = await fetch(chat.service.url + path, { method, headers, body: body === undefined ? null : JSON.stringify(body) });
  return (await response.json()) as Body;
}

describe('Prefer: omit=members', () => {
  it('leaves the members out, and nothing else', async () => {
    const path = `/chat/conversations/${group.id}`;
    const { members: _members, ...summary } = await ben.conversation(group.id);
    expect(await withoutMembers(ben, 'GET', path)).toEqual(summary);
    const { data, ...page } = await ben.must<Paginated<ChatConversation>>('GET', '/chat/conversations');
    const listed = data.map(({ members: _omitted, ...rest }) => rest);
    expect(await withoutMembers(ben, 'GET', '/chat/conversations')).toEqual({ ...page, data: listed });
    const read = await withoutMembers<ConversationSummary>(ben, 'PATCH', `${path}/read`, { seq: 1 });
    expect(read).toEqual(await withoutMembers(ben, 'GET', path));
    expect(read).toMatchObject({ id: group.id, unreadCount: 0 });
  });

  it('is NOT_FOUND like any other request of a user that is not a member', async () => {
    const stranger = await chat.user();
    expect(await withoutMembers(stranger, 'GET', `/chat/conversations/${group.id}`)).toMatchObject({ status: 404, code: 'NOT_FOUND' });
  });
});

describe('POST /chat/conversations/members', () => {
  it('answers with the members of those conversations of which the user is one, in the order of the ids', async () => {
    const { conversationId } = await ada.send({ receiverId: ben.userId, content: 'direct' });
    const other = await TestGroup.create(chat, await chat.user(), []);
    const conversationIds = [conversationId, other.id, newId(), group.id];
    const found = await ada.must<ConversationMembers[]>('POST', '/chat/conversations/members', { conversationIds });
    expect(found).toEqual([
      { conversationId, members: (await ada.conversation(conversationId)).members },
      { conversationId: group.id, members: (await ada.conversation(group.id)).members },
    ]);
  });

  it('is refused for more than 100 ids, and for one that is none', async () => {
    for (const conversationIds of [Array.from({ length: 101 }, () => newId()), ['x'], undefined])
      expect(await refusal(chat, ada, 'POST', '/chat/conversations/members', { conversationIds })).toMatchObject(
        problem(400, 'BAD_USER_INPUT'),
      );
  });
});
