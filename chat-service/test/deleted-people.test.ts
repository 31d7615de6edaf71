import type { ChatConversation, ChatMessage, MessagePage } from '@chat/shared/contracts';
import { newId } from '@chat/shared/database';
import { appendToOutbox } from '@chat/shared/outbox';
import { provisionTestKafka, type TestKafka } from '@chat/shared/testing';
import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createChatDataSource } from '../src/data-source.js';
import { deleteUser } from '../src/users/delete-user.js';
import { Chat, eventually, type Person } from './kit/chat.js';

let kafka: TestKafka;
let chat: Chat;
let dataSource: DataSource;
beforeAll(async () => {
  kafka = await provisionTestKafka();
  chat = await Chat.start({ kafka: kafka.config });
  dataSource = await createChatDataSource(chat.database.config).initialize();
});
afterAll(async () => {
  await dataSource?.destroy();
  await chat?.stop();
  await kafka?.drop();
});

/** As auth-service announces it; the relay does not ask who writes to its outbox. */
async function announce(type: 'UserDeleted' | 'UserRegistered', userId: string): Promise<void> {
  const eventId = newId();
  const now = new Date().toISOString();
  if (type === 'UserDeleted') await appendToOutbox(dataSource, { type, key: userId, payload: { userId, deletedAt: now }, eventId });
  else {
    const payload = { userId, username: 'somebody', firstName: null, lastName: null, registeredAt: now };
    await appendToOutbox(dataSource, { type, key: userId, payload, eventId });
  }
  await eventually(async () => (await chat.rows('select 1 from inbox where event_id = $1', [eventId])).length > 0);
}

const messagesIn = async (person: Person, conversationId: string): Promise<ChatMessage[]> =>
  (await person.must<MessagePage>('GET', `/chat/messages?conversationId=${conversationId}`)).data;

/** Where in the tables a text or an id is. */
async function tablesWith(text: string): Promise<string[]> {
  const found: string[] = [];
  for (const { name } of await chat.rows<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = 'chat' order by 1`,
  ))
    if ((await chat.rows(`select 1 from "${name}" t where strpos(t::text, $1) > 0 limit 1`, [text])).length > 0) found.push(name);
  return found;
}

// Every service clears what it has of a person when auth-service announces that they are gone.
it('UserDeleted leaves tombstones in the conversations of the others, and nothing else', async () => {
  const [ada, ben] = await chat.people(2);
  const secret = randomUUID();
  const key = randomUUID();
  const { conversationId } = await ada!.send({ receiverId: ben!.userId, content: secret, clientMessageId: key });
  const answer = await ben!.send({ conversationId, content: 'an answer' });
  await ada!.must('PATCH', `/chat/conversations/${conversationId}/read`, { seq: 2 });
  const last = await ada!.send({ conversationId, content: secret });
  expect((await ben!.conversation(conversationId)).unreadCount).toBe(1);
  await eventually(async () => (await tablesWith(secret)).join() === 'messages'); // announced, and gone from the outbox

  await announce('UserDeleted', ada!.userId);

  const [first, second, third] = await messagesIn(ben!, conversationId);
  for (const [message, seq] of [
    [first, 1],
    [third, 3],
  ] as const)
    expect(message).toMatchObject({ seq, senderId: ada!.userId, content: '', clientMessageId: null, deletedAt: expect.any(String) });
  expect(second).toMatchObject({ id: answer.id, content: 'an answer', deletedAt: null, status: 'READ' });
  expect(await ben!.must('GET', `/chat/messages/${last.id}`)).toEqual(third);
  expect(await ben!.conversation(conversationId)).toMatchObject({ lastMessage: third, lastSeq: 3, unreadCount: 0 });
  for (const text of [secret, key]) expect(await tablesWith(text)).toEqual([]);
  await eventually(async () => expect(await tablesWith(ada!.userId)).toEqual(['conversations', 'deleted_users', 'members', 'messages']));
});

it('nobody can write to who is gone, in any way; what was sent before is still known', async () => {
  const [ada, ben, carl] = await chat.people(3);
  const sent = await ben!.send({ receiverId: ada!.userId, content: 'hello', clientMessageId: 'before' });
  const { conversationId } = sent;
  await announce('UserDeleted', ada!.userId);

  const forbidden = { status: 403, body: { code: 'FORBIDDEN' } };
  const send = (from: Person, body: object) => from.request('POST', '/chat/messages', body);
  expect(await send(ben!, { conversationId, content: 'hello?' })).toMatchObject(forbidden);
  expect(await send(ben!, { receiverId: ada!.userId, content: 'hello?' })).toMatchObject(forbidden);
  expect(await send(carl!, { receiverId: ada!.userId, content: 'hello?' })).toMatchObject(forbidden);
  expect(await carl!.request('POST', '/chat/conversations', { receiverId: ada!.userId })).toMatchObject(forbidden);
  expect(await send(ada!, { conversationId, content: 'from beyond' })).toMatchObject(forbidden);
  expect(await send(ada!, { receiverId: carl!.userId, content: 'from beyond' })).toMatchObject(forbidden);
  // Many at once go another way than one alone.
  const answers = await Promise.all(Array.from({ length: 30 }, (_, i) => send(ben!, { conversationId, content: `hello ${i}` })));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([403]));

  expect((await ben!.send({ conversationId, content: 'hello', clientMessageId: 'before' })).id).toBe(sent.id);
  expect(await ben!.must<ChatConversation>('POST', '/chat/conversations', { receiverId: ada!.userId })).toMatchObject({
    id: conversationId,
  });
  expect(await messagesIn(ben!, conversationId)).toHaveLength(1);
  expect((await carl!.must<{ total: number }>('GET', '/chat/conversations')).total).toBe(0);
});

it('a group goes on without who is gone', async () => {
  const [ada, ben, carl] = await chat.people(3);
  const conversationId = await chat.group([ada!, ben!, carl!]);
  await ada!.send({ conversationId, content: 'from ada' });
  await announce('UserDeleted', ada!.userId);
  const sent = await ben!.send({ conversationId, content: 'from ben' });
  await carl!.must('PATCH', `/chat/conversations/${conversationId}/read`, { seq: 2 });
  expect((await messagesIn(carl!, conversationId)).map(({ content }) => content)).toEqual(['', 'from ben']);
  expect(await ben!.must('GET', `/chat/messages/${sent.id}`)).toMatchObject({ status: 'READ' });
  expect((await ben!.conversation(conversationId)).members.map(({ userId }) => userId).sort()).toEqual([ben!.userId, carl!.userId].sort());
  expect((await ada!.request('POST', '/chat/messages', { conversationId, content: 'from beyond' })).status).toBe(404);
});

it('who is gone does not come back by a late event, and the same event again changes nothing', async () => {
  const [ada, ben] = await chat.people(2);
  await announce('UserRegistered', ada!.userId);
  const { conversationId, id } = await ada!.send({ receiverId: ben!.userId, content: 'hello' });
  await announce('UserDeleted', ada!.userId);
  const tombstone = await ben!.must('GET', `/chat/messages/${id}`);
  await announce('UserDeleted', ada!.userId);
  await announce('UserRegistered', ada!.userId);
  expect(await ben!.must('GET', `/chat/messages/${id}`)).toEqual(tombstone);
  expect(await chat.rows('select 1 from users where user_id = $1', [ada!.userId])).toEqual([]);
  expect((await ben!.request('POST', '/chat/messages', { conversationId, content: 'hello?' })).status).toBe(403);
});

it('erases a long history, and none of the others in it', async () => {
  const [ada, ben] = await chat.people(2);
  const { conversationId } = await ada!.send({ receiverId: ben!.userId, content: 'hello' });
  await chat.sql.query(
    `insert into messages (id, conversation_id, seq, sender_id, client_message_id, content, created_at)
       select gen_random_uuid(), $1, seq, case when seq % 3 = 0 then $2::uuid else $3::uuid end, seq, 'message', now()
         from generate_series(2, 25000) seq`,
    [conversationId, ben!.userId, ada!.userId],
  );
  await chat.sql.query('update conversations set last_seq = 25000 where id = $1', [conversationId]);
  await announce('UserDeleted', ada!.userId);
  const left = await chat.rows(
    `select sender_id = $2 as "isBen", count(*)::int, bool_and(content = '' and client_message_id is null and deleted_at is not null) as "isErased"
       from messages where conversation_id = $1 group by 1 order by 1`,
    [conversationId, ben!.userId],
  );
  expect(left).toEqual([
    { isBen: false, count: 25000 - 8333, isErased: true },
    { isBen: true, count: 8333, isErased: false },
  ]);
});

const WAITING_FOR_A_LOCK = `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;

// The first look at the messages does not see it; the lock of the conversation is what it waits for.
it.each([
  ['into a conversation that was there', false],
  ['that makes a conversation', true],
])('erases a message %s, stored but not committed when the deletion begins', async (_, isFirst) => {
  const [ada, ben] = await chat.people(2);
  const { conversationId } = await ada!.send({ receiverId: (isFirst ? await chat.person() : ben!).userId, content: 'hello' });
  const sending = await chat.sql.connect();
  await sending.query('begin');
  const message = [ada!.userId, null, newId(), 'at the last moment', newId(), null, null];
  if (isFirst)
    await sending.query('select * from send_first_message($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)', [
      ben!.userId,
      ...message,
      newId(),
      newId(),
    ]);
  else await sending.query('select * from send_message($1, $2, $3, $4, $5, $6, $7, $8)', [conversationId, ...message]);
  const clearing = dataSource.transaction((manager) => deleteUser(manager, ada!.userId, new Date().toISOString()));
  await eventually(async () => (await chat.rows(WAITING_FOR_A_LOCK)).length > 0);
  await sending.query('commit');
  sending.release();
  await clearing;
  expect(await chat.rows(`select content from messages where sender_id = $1 and content <> ''`, [ada!.userId])).toEqual([]);
  const open = 'select 1 from conversations where $1 in (direct_low, direct_high) and not is_closed';
  expect(await chat.rows(open, [ada!.userId])).toEqual([]);
});

// Sends and first messages at the moment of the deletion: each is either refused or erased, none deadlocks.
it('leaves no content behind that was sent at the same time', async () => {
  const [ben, ...others] = await chat.people(6);
  for (let round = 0; round < 4; round++) {
    const ada = await chat.person();
    const { conversationId } = await ada.send({ receiverId: ben!.userId, content: 'first' });
    const sends = Array.from({ length: 40 }, (_, i) => {
      if (i % 4 === 0) return ada.request('POST', '/chat/messages', { receiverId: others[i % 5]!.userId, content: `from ada ${i}` });
      if (i % 4 === 1) return others[i % 5]!.request('POST', '/chat/messages', { receiverId: ada.userId, content: `to ada ${i}` });
      return (i % 2 ? ada : ben!).request('POST', '/chat/messages', { conversationId, content: `message ${i}` });
    });
    const [, ...answers] = await Promise.all([announce('UserDeleted', ada.userId), ...sends]);
    expect(answers.map(({ status }) => status).filter((status) => status !== 201 && status !== 200 && status !== 403)).toEqual([]);
    expect(
      await chat.rows(`select content from messages where sender_id = $1 and (content <> '' or deleted_at is null)`, [ada.userId]),
    ).toEqual([]);
    const open = 'select 1 from conversations where $1 in (direct_low, direct_high) and not is_closed';
    expect(await chat.rows(open, [ada.userId])).toEqual([]);
  }
});
