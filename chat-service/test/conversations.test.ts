import type { ChatConversation, ChatMessage, MessagePage, Paginated } from '@chat/shared/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Chat } from './kit/chat.js';
import type { TestUser } from './kit/test-user.js';

let chat: Chat;
beforeAll(async () => {
  chat = await Chat.start();
});
afterAll(() => chat?.stop());

async function sendMany(from: TestUser, conversationId: string, count: number): Promise<void> {
  for (let i = 0; i < count; i++) await from.send({ conversationId, content: `message ${i}` });
}

describe('conversations', () => {
  it('are created once, also when both users open them concurrently, and published once', async () => {
    const [alice, bob] = await chat.users(2);
    const opened = await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        i % 2 === 0
          ? alice!.must<ChatConversation>('POST', '/chat/conversations', { receiverId: bob!.userId })
          : bob!.must<ChatConversation>('POST', '/chat/conversations', { receiverId: alice!.userId }),
      ),
    );
    expect(new Set(opened.map(({ id }) => id)).size).toBe(1);
    expect(opened[0]).toMatchObject({ kind: 'DIRECT', title: null, lastMessage: null, lastMessageAt: null, lastSeq: 0, unreadCount: 0 });
    expect(opened[0]!.members.map(({ userId }) => userId).sort()).toEqual([alice!.userId, bob!.userId].sort());
    expect((await chat.outbox(opened[0]!.id)).map(({ type }) => type)).toEqual(['ConversationCreated']);
    expect(await alice!.send({ receiverId: bob!.userId, content: 'first' })).toMatchObject({ conversationId: opened[0]!.id, seq: 1 });
  });

  it('have the last message, the members and the unread count of each member', async () => {
    const [alice, bob] = await chat.users(2);
    const { conversationId } = await alice!.send({ receiverId: bob!.userId, content: 'one' });
    const last = await alice!.send({ conversationId, content: 'two' });
    expect(await bob!.conversation(conversationId)).toEqual({
      id: conversationId,
      kind: 'DIRECT',
      title: null,
      picture: null,
      members: expect.arrayContaining([
        { userId: alice!.userId, role: 'MEMBER', lastReadSeq: 2, lastDeliveredSeq: 2, joinedAt: expect.any(String) },
        { userId: bob!.userId, role: 'MEMBER', lastReadSeq: 0, lastDeliveredSeq: 0, joinedAt: expect.any(String) },
      ]),
      lastMessage: last,
      lastMessageAt: last.createdAt,
      lastSeq: 2,
      unreadCount: 2,
      mutedUntil: null,
      createdAt: expect.any(String),
    });
    expect(await alice!.conversation(conversationId)).toMatchObject({ unreadCount: 0 });
  });

  it('are listed by their newest message, on pages that neither omit nor repeat one', async () => {
    const [alice, ...others] = await chat.users(8);
    const ids: string[] = [];
    for (const other of others) ids.push((await other.send({ receiverId: alice!.userId, content: 'hi' })).conversationId);
    await alice!.send({ conversationId: ids[2]!, content: 'back to you' });
    const expected = [ids[2], ids[6], ids[5], ids[4], ids[3], ids[1], ids[0]];
    const seen: string[] = [];
    for (let page = 1; page <= 3; page++) {
      const answer = await alice!.must<Paginated<ChatConversation>>('GET', `/chat/conversations?page=${page}&limit=3`);
      expect(answer).toMatchObject({ total: 7, page, limit: 3, totalPages: 3 });
      seen.push(...answer.data.map(({ id }) => id));
      for (const conversation of answer.data) expect(conversation).toEqual(await alice!.conversation(conversation.id));
    }
    expect(seen).toEqual(expected);
    expect(await alice!.must('GET', '/chat/conversations?page=4&limit=3')).toMatchObject({ data: [], total: 7 });
    expect(await alice!.must('GET', '/chat/conversations')).toMatchObject({ limit: 20, page: 1 });
  });

  it('are an empty list for a new user', async () => {
    expect(await (await chat.user()).must('GET', '/chat/conversations')).toEqual({ data: [], total: 0, page: 1, limit: 20, totalPages: 0 });
  });

  it('are returned by id in the order of the request, without those that the user is not a member of', async () => {
    const [alice, bob, carol] = await chat.users(3);
    const withBob = await alice!.send({ receiverId: bob!.userId, content: 'hi' });
    const withCarol = await alice!.send({ receiverId: carol!.userId, content: 'hi' });
    const foreign = await bob!.send({ receiverId: carol!.userId, content: 'secret' });
    const conversationIds = [withCarol.conversationId, foreign.conversationId, withBob.conversationId];
    const answer = await alice!.must<ChatConversation[]>('POST', '/chat/conversations/bulk', { conversationIds });
    expect(answer.map(({ id }) => id)).toEqual([withCarol.conversationId, withBob.conversationId]);
  });

  it('do not count deleted messages as unread', async () => {
    const [alice, bob] = await chat.users(2);
    const { conversationId } = await alice!.send({ receiverId: bob!.userId, content: 'one' });
    await sendMany(alice!, conversationId, 4);
    await chat.sql.query('update messages set deleted_at = now() where conversation_id = $1 and seq in (1, 4)', [conversationId]);
    expect((await bob!.conversation(conversationId)).unreadCount).toBe(3);
    await bob!.must('PATCH', `/chat/conversations/${conversationId}/read`, { seq: 2 });
    expect((await bob!.conversation(conversationId)).unreadCount).toBe(2);
  });
});

describe('messages', () => {
  let alice: TestUser;
  let bob: TestUser;
  let conversationId: string;
  beforeAll(async () => {
    [alice, bob] = (await chat.users(2)) as [TestUser, TestUser];
    conversationId = (await alice.send({ receiverId: bob.userId, content: 'message' })).conversationId;
    await sendMany(alice, conversationId, 24);
  });

  it.each([
    ['the newest page', 'limit=10', [16, 25], { page: 1, hasOlder: true, hasNewer: false }],
    ['the oldest page', 'page=3&limit=10', [1, 5], { page: 3, hasOlder: false, hasNewer: true }],
    ['a page past the oldest', 'page=4&limit=10', [], { page: 4, hasOlder: false, hasNewer: true }],
    ['before a seq', 'beforeSeq=10&limit=5', [5, 9], { hasOlder: true, hasNewer: true }],
    ['after a seq', 'afterSeq=20&limit=10', [21, 25], { hasOlder: true, hasNewer: false }],
    ['around a seq', 'aroundSeq=10&limit=5', [8, 12], { hasOlder: true, hasNewer: true }],
    ['all', '', [1, 25], { page: 1, limit: 50, totalPages: 1, hasOlder: false, hasNewer: false }],
  ])('%s', async (_name, query, range, more) => {
    const answer = await bob.must<MessagePage>('GET', `/chat/messages?conversationId=${conversationId}&${query}`);
    const [from, to] = range;
    expect(answer.data.map(({ seq }) => seq)).toEqual(from === undefined ? [] : Array.from({ length: to! - from + 1 }, (_, i) => from + i));
    expect(answer).toMatchObject({ total: 25, ...more });
    for (const message of answer.data) expect(message.receiverId).toBe(bob.userId);
  });

  it('are the same when requested one by one', async () => {
    const [first] = (await bob.must<MessagePage>('GET', `/chat/messages?conversationId=${conversationId}&limit=1`)).data;
    expect(await bob.must<ChatMessage>('GET', `/chat/messages/${first!.id}`)).toEqual(first);
  });

  it('cost the same however old the page is', async () => {
    const big = await chat.group([alice, bob]);
    await chat.sql.query(
      `insert into messages (id, conversation_id, seq, sender_id, content, created_at)
         select gen_random_uuid(), $1, seq, $2, 'x', now() from generate_series(1, 50000) seq`,
      [big, alice.userId],
    );
    await chat.sql.query('update conversations set last_seq = 50000 where id = $1', [big]);
    const timeOf = async (page: number) => {
      const times: number[] = [];
      for (let i = 0; i < 7; i++) {
        const begin = performance.now();
        const answer = await bob.must<MessagePage>('GET', `/chat/messages?conversationId=${big}&limit=50&page=${page}`);
        expect(answer.data).toHaveLength(50);
        times.push(performance.now() - begin);
      }
      return Math.min(...times);
    };
    const near = await timeOf(1);
    expect(await timeOf(1000)).toBeLessThan(near * 4 + 10);
  });
});
