import type { ChatConversation, ChatMessage, MessagePage } from '@chat/shared/contracts';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Chat, eventually } from './kit/chat.js';
import { ChatWithEvents } from './kit/chat-with-events.js';
import { tablesWith } from './kit/tables-with.js';
import type { TestUser } from './kit/test-user.js';

let world: ChatWithEvents;
let chat: Chat;
beforeAll(async () => {
  world = await ChatWithEvents.start();
  ({ chat } = world);
});
afterAll(() => world?.stop());

const messagesIn = async (user: TestUser, conversationId: string): Promise<ChatMessage[]> =>
  (await user.must<MessagePage>('GET', `/chat/messages?conversationId=${conversationId}`)).data;

// Every service deletes what it has of a user when auth-service publishes UserDeleted.
it('UserDeleted leaves tombstones in the conversations of the others, and nothing else', async () => {
  const [ada, ben] = await chat.users(2);
  const secret = randomUUID();
  const key = randomUUID();
  const { conversationId } = await ada!.send({ receiverId: ben!.userId, content: secret, clientMessageId: key });
  const answer = await ben!.send({ conversationId, content: 'an answer' });
  await ada!.must('PATCH', `/chat/conversations/${conversationId}/read`, { seq: 2 });
  const last = await ada!.send({ conversationId, content: secret });
  expect((await ben!.conversation(conversationId)).unreadCount).toBe(1);
  // Published, and deleted from the outbox; perhaps in the search already.
  await eventually(
    async () => (await tablesWith(chat, secret)).filter((table) => !table.startsWith('message_search')).join() === 'messages',
  );

  await world.deleteUser(ada!.userId);

  const [first, second, third] = await messagesIn(ben!, conversationId);
  for (const [message, seq] of [
    [first, 1],
    [third, 3],
  ] as const)
    expect(message).toMatchObject({ seq, senderId: ada!.userId, content: '', clientMessageId: null, deletedAt: expect.any(String) });
  expect(second).toMatchObject({ id: answer.id, content: 'an answer', deletedAt: null, status: 'READ' });
  expect(await ben!.must('GET', `/chat/messages/${last.id}`)).toEqual(third);
  expect(await ben!.conversation(conversationId)).toMatchObject({ lastMessage: third, lastSeq: 3, unreadCount: 0 });
  for (const text of [secret, key]) expect(await tablesWith(chat, text)).toEqual([]);
  await eventually(async () =>
    expect(await tablesWith(chat, ada!.userId)).toEqual(['conversations', 'deleted_users', 'members', 'messages']),
  );
});

it('a deleted user cannot receive messages in any way, and retries of earlier messages still return them', async () => {
  const [ada, ben, carl] = await chat.users(3);
  const sent = await ben!.send({ receiverId: ada!.userId, content: 'hello', clientMessageId: 'before' });
  const { conversationId } = sent;
  await world.deleteUser(ada!.userId);

  const forbidden = { status: 403, body: { code: 'FORBIDDEN' } };
  const send = (from: TestUser, body: object) => from.request('POST', '/chat/messages', body);
  expect(await send(ben!, { conversationId, content: 'hello?' })).toMatchObject(forbidden);
  expect(await send(ben!, { receiverId: ada!.userId, content: 'hello?' })).toMatchObject(forbidden);
  expect(await send(carl!, { receiverId: ada!.userId, content: 'hello?' })).toMatchObject(forbidden);
  expect(await carl!.request('POST', '/chat/conversations', { receiverId: ada!.userId })).toMatchObject(forbidden);
  expect(await send(ada!, { conversationId, content: 'from beyond' })).toMatchObject(forbidden);
  expect(await send(ada!, { receiverId: carl!.userId, content: 'from beyond' })).toMatchObject(forbidden);
  // Many concurrent messages are stored by another function than a single one.
  const answers = await Promise.all(Array.from({ length: 30 }, (_, i) => send(ben!, { conversationId, content: `hello ${i}` })));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([403]));

  expect((await ben!.send({ conversationId, content: 'hello', clientMessageId: 'before' })).id).toBe(sent.id);
  expect(await ben!.must<ChatConversation>('POST', '/chat/conversations', { receiverId: ada!.userId })).toMatchObject({
    id: conversationId,
  });
  expect(await messagesIn(ben!, conversationId)).toHaveLength(1);
  expect((await carl!.must<{ total: number }>('GET', '/chat/conversations')).total).toBe(0);
});

it('UserDeleted deletes versions, reactions and mentions: those of the user, and of the user in messages of others', async () => {
  const [ada, ben, carl] = await chat.users(3);
  const conversationId = await chat.group([ada!, ben!, carl!]);
  const [secret, later] = [randomUUID(), randomUUID()];
  const sent = await ada!.send({ conversationId, content: secret, mentions: [ben!.userId] });
  await ada!.edit(sent.id, later);
  await ben!.react(sent.id, '👍');
  const others: string[] = [];
  for (let i = 0; i < 3; i++) {
    const { id } = await ben!.send({
      conversationId,
      content: `message ${i}`,
      replyToId: sent.id,
      mentions: [ada!.userId, carl!.userId].slice(i % 2),
    });
    await ada!.react(id, '👍');
    await carl!.react(id, '👍');
    others.push(id);
  }
  await eventually(async () => (await chat.rows('select 1 from outbox')).length === 0);
  await world.deleteUser(ada!.userId);

  const reactions = [{ emoji: '👍', count: 1, userIds: [carl!.userId] }];
  for (const id of others) expect(await ben!.message(id)).toMatchObject({ mentions: [carl!.userId], reactions, replyToId: sent.id });
  expect(await ben!.message(sent.id)).toMatchObject({
    content: '',
    editedAt: null,
    mentions: [],
    reactions: [],
    deletedAt: expect.any(String),
  });
  for (const text of [secret, later]) expect(await tablesWith(chat, text)).toEqual([]);
  await eventually(async () => expect(await tablesWith(chat, ada!.userId)).toEqual(['conversations', 'deleted_users', 'messages']));
  expect(await chat.rows('select 1 from messages where $1 = any (mentions)', [ada!.userId])).toEqual([]);
});

it('a group continues without the deleted user', async () => {
  const [ada, ben, carl] = await chat.users(3);
  const conversationId = await chat.group([ada!, ben!, carl!]);
  await ada!.send({ conversationId, content: 'from ada' });
  await world.deleteUser(ada!.userId);
  const sent = await ben!.send({ conversationId, content: 'from ben' });
  await carl!.must('PATCH', `/chat/conversations/${conversationId}/read`, { seq: 2 });
  expect((await messagesIn(carl!, conversationId)).map(({ content }) => content)).toEqual(['', 'from ben']);
  expect(await ben!.must('GET', `/chat/messages/${sent.id}`)).toMatchObject({ status: 'READ' });
  expect((await ben!.conversation(conversationId)).members.map(({ userId }) => userId).sort()).toEqual([ben!.userId, carl!.userId].sort());
  expect((await ada!.request('POST', '/chat/messages', { conversationId, content: 'from beyond' })).status).toBe(404);
});

it('a late UserRegistered does not restore a deleted user, and a redelivered UserDeleted has no effect', async () => {
  const [ada, ben] = await chat.users(2);
  await world.publish('UserRegistered', ada!.userId);
  const { conversationId, id } = await ada!.send({ receiverId: ben!.userId, content: 'hello' });
  await world.deleteUser(ada!.userId);
  const tombstone = await ben!.must('GET', `/chat/messages/${id}`);
  await world.deleteUser(ada!.userId);
  await world.publish('UserRegistered', ada!.userId);
  expect(await ben!.must('GET', `/chat/messages/${id}`)).toEqual(tombstone);
  expect(await chat.rows('select 1 from users where user_id = $1', [ada!.userId])).toEqual([]);
  expect((await ben!.request('POST', '/chat/messages', { conversationId, content: 'hello?' })).status).toBe(403);
});

it('replaces a long history by tombstones, and keeps the messages of others in it', async () => {
  const [ada, ben] = await chat.users(2);
  const { conversationId } = await ada!.send({ receiverId: ben!.userId, content: 'hello' });
  await chat.sql.query(
    `insert into messages (id, conversation_id, seq, sender_id, client_message_id, content, created_at)
       select gen_random_uuid(), $1, seq, case when seq % 3 = 0 then $2::uuid else $3::uuid end, seq, 'message', now()
         from generate_series(2, 1000) seq`,
    [conversationId, ben!.userId, ada!.userId],
  );
  await chat.sql.query('update conversations set last_seq = 1000 where id = $1', [conversationId]);
  await world.deleteUser(ada!.userId);
  const left = await chat.rows(
    `select sender_id = $2 as "isBen", count(*)::int, bool_and(content = '' and client_message_id is null and deleted_at is not null) as "isTombstone"
       from messages where conversation_id = $1 group by 1 order by 1`,
    [conversationId, ben!.userId],
  );
  expect(left).toEqual([
    { isBen: false, count: 1000 - 333, isTombstone: true },
    { isBen: true, count: 333, isTombstone: false },
  ]);
});

it('the blocks of a deleted user are deleted, of both directions, and the user cannot be blocked any more', async () => {
  const [ada, ben, carl] = await chat.users(3);
  const block = (user: TestUser, other: TestUser) => user.request('PUT', `/chat/blocks/${other.userId}`);
  expect([(await block(ada!, ben!)).status, (await block(ben!, ada!)).status]).toEqual([204, 204]);
  await world.deleteUser(ada!.userId);
  expect(await chat.rows('select * from blocks')).toEqual([]);
  expect((await block(carl!, ada!)).status).toBe(404);
  expect(await ben!.must('GET', '/chat/blocks')).toEqual([]);
});
