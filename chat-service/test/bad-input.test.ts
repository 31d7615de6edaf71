import type { ChatMessage } from '@chat/shared/contracts';
import { newId } from '@chat/shared/database';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Chat } from './kit/chat.js';
import { problem, refusal } from './kit/refusal.js';
import type { TestUser } from './kit/test-user.js';

let chat: Chat;
let alice: TestUser;
let bob: TestUser;
let stranger: TestUser;
let message: ChatMessage;
beforeAll(async () => {
  chat = await Chat.start();
  [alice, bob, stranger] = (await chat.users(3)) as [TestUser, TestUser, TestUser];
  message = await alice.send({ receiverId: bob.userId, content: 'one' });
});
afterAll(() => chat?.stop());

describe('sending rejects', () => {
  const cases: [string, () => unknown, number, string][] = [
    ['no body', () => undefined, 400, 'BAD_USER_INPUT'],
    ['a malformed receiverId', () => ({ receiverId: 'bob', content: 'x' }), 400, 'BAD_USER_INPUT'],
    ['a malformed conversationId', () => ({ conversationId: '1', content: 'x' }), 400, 'BAD_USER_INPUT'],
    ['empty content', () => ({ receiverId: bob.userId, content: '' }), 400, 'BAD_USER_INPUT'],
    ['white space alone', () => ({ receiverId: bob.userId, content: ' \n\t\u200b' }), 400, 'BAD_USER_INPUT'],
    ['8,001 characters', () => ({ receiverId: bob.userId, content: 'x'.repeat(8001) }), 400, 'BAD_USER_INPUT'],
    ['a NUL', () => ({ receiverId: bob.userId, content: 'a\0b' }), 400, 'BAD_USER_INPUT'],
    ['a lone surrogate', () => ({ receiverId: bob.userId, content: 'a\udc00b' }), 400, 'BAD_USER_INPUT'],
    ['a number where text belongs', () => ({ receiverId: bob.userId, content: 42 }), 400, 'BAD_USER_INPUT'],
    ['an unknown field', () => ({ receiverId: bob.userId, content: 'x', seq: 7 }), 400, 'BAD_USER_INPUT'],
    ['neither receiver nor conversation', () => ({ content: 'x' }), 400, 'BAD_USER_INPUT'],
    ['oneself', () => ({ receiverId: alice.userId, content: 'x' }), 400, 'BAD_USER_INPUT'],
    ['oneself in capitals', () => ({ receiverId: alice.userId.toUpperCase(), content: 'x' }), 400, 'BAD_USER_INPUT'],
    [
      'oneself with a conversation',
      () => ({ receiverId: alice.userId, conversationId: message.conversationId, content: 'x' }),
      400,
      'BAD_USER_INPUT',
    ],
    [
      'ids that do not fit',
      () => ({ receiverId: stranger.userId, conversationId: message.conversationId, content: 'x' }),
      400,
      'BAD_USER_INPUT',
    ],
    [
      'a receiver with an unknown conversation',
      () => ({ receiverId: bob.userId, conversationId: newId(), content: 'x' }),
      400,
      'BAD_USER_INPUT',
    ],
    ['an unknown receiver', () => ({ receiverId: newId(), content: 'x' }), 404, 'NOT_FOUND'],
    ['an unknown conversation', () => ({ conversationId: newId(), content: 'x' }), 404, 'NOT_FOUND'],
    ['a long clientMessageId', () => ({ receiverId: bob.userId, content: 'x', clientMessageId: 'k'.repeat(65) }), 400, 'BAD_USER_INPUT'],
  ];
  it.each(cases)('%s', async (_name, body, status, code) => {
    expect(await refusal(chat, alice, 'POST', '/chat/messages', body())).toMatchObject(problem(status, code));
  });

  it('a conversation that the user is not a member of, exactly like one that does not exist', async () => {
    const foreign = await stranger.request('POST', '/chat/messages', { conversationId: message.conversationId, content: 'x' });
    const unknown = await stranger.request('POST', '/chat/messages', { conversationId: newId(), content: 'x' });
    expect(foreign.status).toBe(404);
    expect({ ...foreign.body, requestId: '' }).toEqual({ ...unknown.body, requestId: '' });
  });
});

describe('reading rejects', () => {
  const messages = (query: string) => `/chat/messages?conversationId=${message.conversationId}&${query}`;
  const cases: [string, () => [string, string, unknown?], number][] = [
    ['page 0', () => ['GET', messages('page=0')], 400],
    ['page 1.5', () => ['GET', messages('page=1.5')], 400],
    ['a page that is not a number', () => ['GET', messages('page=one')], 400],
    ['limit 0', () => ['GET', messages('limit=0')], 400],
    ['limit 101', () => ['GET', messages('limit=101')], 400],
    ['two *Seq arguments', () => ['GET', messages('beforeSeq=5&afterSeq=1')], 400],
    ['a seq above the limit', () => ['GET', messages('afterSeq=99999999999')], 400],
    ['an unknown argument', () => ['GET', messages('order=desc')], 400],
    ['no conversation', () => ['GET', '/chat/messages'], 400],
    ['a malformed conversation id', () => ['GET', '/chat/messages?conversationId=5'], 400],
    ['conversations, page 0', () => ['GET', '/chat/conversations?page=0'], 400],
    ['conversations, limit 101', () => ['GET', '/chat/conversations?limit=101'], 400],
    ['a malformed id in the path', () => ['GET', '/chat/conversations/none'], 400],
    ['a malformed message id in the path', () => ['GET', "/chat/messages/'%20or%201=1"], 400],
    ['101 conversations at once', () => ['POST', '/chat/conversations/bulk', { conversationIds: Array.from({ length: 101 }, newId) }], 400],
    ['a malformed id in a list', () => ['POST', '/chat/conversations/bulk', { conversationIds: [newId(), 'x'] }], 400],
    ['501 receipts at once', () => ['POST', '/chat/messages/receipts', { messageIds: Array.from({ length: 501 }, newId) }], 400],
    ['a negative seq to read up to', () => ['PATCH', `/chat/conversations/${message.conversationId}/read`, { seq: -1 }], 400],
    ['a text as seq to read up to', () => ['PATCH', `/chat/conversations/${message.conversationId}/read`, { seq: '1' }], 400],
    ['a conversation with oneself', () => ['POST', '/chat/conversations', { receiverId: alice.userId }], 400],
    ['a conversation with an unknown user', () => ['POST', '/chat/conversations', { receiverId: newId() }], 404],
    ['an unknown message', () => ['GET', `/chat/messages/${newId()}`], 404],
    ['an unknown message to mark', () => ['PATCH', `/chat/messages/${newId()}/read`], 404],
    ['an unknown route', () => ['GET', '/chat/nothing'], 404],
  ];
  it.each(cases)('%s', async (_name, call, status) => {
    const [method, path, body] = call();
    expect(await refusal(chat, alice, method, path, body)).toMatchObject(problem(status, status === 404 ? 'NOT_FOUND' : 'BAD_USER_INPUT'));
  });

  it('objects of other conversations, exactly like objects that do not exist', async () => {
    for (const [method, path, body] of [
      ['GET', (id: string) => `/chat/messages?conversationId=${id}`],
      ['GET', (id: string) => `/chat/conversations/${id}`],
      ['PATCH', (id: string) => `/chat/conversations/${id}/read`, { seq: 1 }],
    ] as const) {
      const foreign = await stranger.request(method, path(message.conversationId), body);
      const unknown = await stranger.request(method, path(newId()), body);
      expect(foreign.status).toBe(404);
      expect({ ...foreign.body, requestId: '' }).toEqual({ ...unknown.body, requestId: '' });
    }
    for (const [method, path] of [
      ['GET', (id: string) => `/chat/messages/${id}`],
      ['PATCH', (id: string) => `/chat/messages/${id}/read`],
    ] as const) {
      const foreign = await stranger.request(method, path(message.id));
      const unknown = await stranger.request(method, path(newId()));
      expect(foreign.status).toBe(404);
      expect({ ...foreign.body, requestId: '' }).toEqual({ ...unknown.body, requestId: '' });
    }
    expect(await stranger.must('POST', '/chat/messages/receipts', { messageIds: [message.id] })).toEqual([]);
    expect(await stranger.must('POST', '/chat/conversations/bulk', { conversationIds: [message.conversationId] })).toEqual([]);
    expect((await bob.conversation(message.conversationId)).unreadCount).toBe(1);
  });
});

describe('without auth-service', () => {
  it('a message to an unknown receiver is UNAVAILABLE, and one to a known receiver is stored', async () => {
    await chat.tokens.close();
    expect(await refusal(chat, alice, 'POST', '/chat/messages', { receiverId: newId(), content: 'x' })).toMatchObject(
      problem(503, 'UNAVAILABLE'),
    );
    expect(await alice.send({ receiverId: bob.userId, content: 'two' })).toMatchObject({ seq: 2 });
  });
});
