import type { ChatMessage, SendMessageRequest } from '@chat/shared/contracts';
import { newId } from '@chat/shared/database';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Chat } from './kit/chat.js';
import { problem, refusal } from './kit/refusal.js';
import type { TestUser } from './kit/test-user.js';

let chat: Chat;
let alice: TestUser;
let bob: TestUser;
let stranger: TestUser;
let first: ChatMessage;
let elsewhere: ChatMessage;
beforeAll(async () => {
  chat = await Chat.start();
  [alice, bob, stranger] = (await chat.users(3)) as [TestUser, TestUser, TestUser];
  first = await alice.send({ receiverId: bob.userId, content: 'one' });
  elsewhere = await alice.send({ receiverId: stranger.userId, content: 'elsewhere' });
});
afterAll(() => chat?.stop());

/** Sends alone, or among many: those are stored by another function. */
async function sendAmong(others: number, request: SendMessageRequest): Promise<ChatMessage> {
  const busy = Array.from({ length: others }, (_, i) => bob.send({ conversationId: first.conversationId, content: `${i}` }));
  const [sent] = await Promise.all([alice.send(request), ...busy]);
  return sent;
}

describe.each([0, 5])('a message among %i others', (others) => {
  it('has its reply link and its mentions, each member once, in the answer, the page and the event', async () => {
    const { conversationId } = first;
    const mentions = [bob.userId, alice.userId.toUpperCase(), bob.userId];
    const sent = await sendAmong(others, { conversationId, content: 'two', replyToId: first.id, mentions });
    expect(sent).toMatchObject({ replyToId: first.id, mentions: [bob.userId, alice.userId] });
    expect(await bob.message(sent.id)).toMatchObject({ replyToId: first.id, mentions: [bob.userId, alice.userId] });
    const event = (await chat.outbox(conversationId)).find(({ payload }) => payload['messageId'] === sent.id);
    expect(event).toMatchObject({ type: 'MessageCreated', payload: { replyToId: first.id, mentions: [bob.userId, alice.userId] } });
  });

  it('without them has none, and an empty list is none', async () => {
    const sent = await sendAmong(others, { conversationId: first.conversationId, content: 'x', mentions: [] });
    expect(sent).toMatchObject({ replyToId: null, mentions: [] });
    expect(
      await chat.rows('select 1 from messages where id = $1 and num_nonnulls(reply_to_id, mentions, edited_at) = 0', [sent.id]),
    ).toHaveLength(1);
  });
});

it('a reply to a message that is deleted keeps its link, and the bulk answer has the tombstone', async () => {
  const { conversationId } = first;
  const target = await bob.send({ conversationId, content: 'target' });
  const reply = await alice.send({ conversationId, content: 'reply', replyToId: target.id });
  const tombstone = await bob.deleteMessage(target.id);
  expect((await bob.message(reply.id)).replyToId).toBe(target.id);
  const found = await alice.must('POST', '/chat/messages/bulk', { messageIds: [reply.id, newId(), target.id, elsewhere.id] });
  expect(found).toEqual([
    expect.objectContaining({ id: reply.id }),
    { ...tombstone, isVisibleToAll: true },
    expect.objectContaining({ id: elsewhere.id }),
  ]);
  expect(await alice.send({ conversationId, content: 'another reply', replyToId: target.id })).toMatchObject({ replyToId: target.id });
});

it('the bulk answer says whether a member of the group joined after the message', async () => {
  const [ada, ben, carl] = (await chat.users(3)) as [TestUser, TestUser, TestUser];
  const conversationId = await chat.group([ada, ben]);
  const earlier = await ada.send({ conversationId, content: 'earlier' });
  await chat.sql.query(
    `insert into members (conversation_id, user_id, role, joined_at, joined_seq, last_read_seq, last_delivered_seq) values ($1, $2, 'MEMBER', now(), 1, 1, 1)`,
    [conversationId, carl.userId],
  );
  const later = await ada.send({ conversationId, content: 'later', replyToId: earlier.id });
  const messageIds = [earlier.id, later.id];
  expect(await ben.must('POST', '/chat/messages/bulk', { messageIds })).toMatchObject([
    { content: 'earlier', isVisibleToAll: false },
    { content: 'later', isVisibleToAll: true },
  ]);
  // Carl sees the reply, and not what it replies to.
  expect(await carl.must('POST', '/chat/messages/bulk', { messageIds })).toMatchObject([{ content: 'later', replyToId: earlier.id }]);
});

describe('a send is refused, and changes nothing:', () => {
  const cases: [string, () => object][] = [
    ['a reply to a message of another conversation', () => ({ replyToId: elsewhere.id })],
    ['a reply to a conversation', () => ({ replyToId: first.conversationId })],
    ['a reply to nothing', () => ({ replyToId: newId() })],
    ['a reply to no id', () => ({ replyToId: 'x' })],
    ['a mention of a user that is not a member, among good ones', () => ({ mentions: [bob.userId, stranger.userId] })],
    ['a mention of a user that does not exist', () => ({ mentions: [newId()] })],
    ['a mention that is no id, among good ones', () => ({ mentions: [bob.userId, 'x'] })],
    ['mentions that are no list', () => ({ mentions: bob.userId })],
    ['101 mentions', () => ({ mentions: Array.from({ length: 101 }, () => bob.userId) })],
  ];
  it.each(cases)('%s', async (_name, part) => {
    const body = { conversationId: first.conversationId, content: 'x', ...part() };
    expect(await refusal(chat, alice, 'POST', '/chat/messages', body)).toMatchObject(problem(400, 'BAD_USER_INPUT'));
  });

  it('among many others, which are stored', async () => {
    const { conversationId } = first;
    const answers = await Promise.all(
      [{}, { replyToId: elsewhere.id }, {}, { mentions: [stranger.userId] }, {}].map((part) =>
        alice.request('POST', '/chat/messages', { conversationId, content: 'x', ...part }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual([201, 400, 201, 400, 201]);
  });

  it('a first message to a user: no conversation is created', async () => {
    const other = await chat.user();
    await chat.sql.query('insert into users values ($1, now())', [other.userId]);
    for (const part of [{ replyToId: first.id }, { mentions: [other.userId, bob.userId] }]) {
      const body = { receiverId: other.userId, content: 'x', ...part };
      expect(await refusal(chat, alice, 'POST', '/chat/messages', body)).toMatchObject(problem(400, 'BAD_USER_INPUT'));
    }
    expect(await alice.send({ receiverId: other.userId, content: 'x', mentions: [other.userId] })).toMatchObject({
      seq: 1,
      mentions: [other.userId],
    });
  });
});

// The contract: a repeated clientMessageId is CONFLICT unless conversation, content, reply and mentions are the same.
it('a retry with another reply or other mentions is a conflict, also at the same moment; one with the same returns the message', async () => {
  const { conversationId } = first;
  const request = { conversationId, content: 'x', replyToId: first.id, mentions: [bob.userId, alice.userId], clientMessageId: newId() };
  const { replyToId: _replyToId, ...noReply } = request;
  const { mentions: _mentions, ...noMentions } = request;
  const others = [noReply, noMentions, { ...request, mentions: [bob.userId] }];
  const answers = await Promise.all([request, ...others, request].map((body) => alice.request('POST', '/chat/messages', body)));
  expect(answers.map(({ status }) => status)).toEqual([201, 409, 409, 409, 201]);
  const { body: sent } = answers[0]!;
  expect(answers[4]!.body).toEqual(sent);
  for (const body of others)
    expect(await alice.request('POST', '/chat/messages', body)).toMatchObject({ status: 409, body: { code: 'CONFLICT' } });
  expect(await alice.send({ ...request, mentions: [alice.userId, bob.userId] })).toEqual(sent);
});
