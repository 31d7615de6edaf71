import type { ChatMessage } from '@chat/shared/contracts';
import { newId } from '@chat/shared/database';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Chat } from './kit/chat.js';
import { problem, refusal } from './kit/refusal.js';
import type { TestUser } from './kit/test-user.js';

let chat: Chat;
let alice: TestUser;
let bob: TestUser;
let message: ChatMessage;
beforeAll(async () => {
  chat = await Chat.start();
});
afterAll(() => chat?.stop());
beforeEach(async () => {
  [alice, bob] = (await chat.users(2)) as [TestUser, TestUser];
  message = await alice.send({ receiverId: bob.userId, content: 'one', clientMessageId: newId() });
});

const events = async (type: string) => (await chat.outbox(message.conversationId)).filter((event) => event.type === type);

describe('an edit', () => {
  it('changes content and editedAt, and nothing else, for every member, everywhere', async () => {
    const edited = await alice.edit(message.id, 'two');
    expect(edited).toEqual({ ...message, content: 'two', editedAt: expect.stringMatching(/Z$/) });
    expect(await bob.message(message.id)).toEqual(edited);
    expect(await bob.conversation(message.conversationId)).toMatchObject({ lastMessage: edited, lastSeq: 1, unreadCount: 1 });
  });

  it('is an event with the whole message, after the event of the message and in the order of the edits', async () => {
    await bob.react(message.id, '👍');
    const edits = [await alice.edit(message.id, 'two'), await alice.edit(message.id, 'three')];
    const { id: messageId, conversationId, seq, senderId, receiverId, clientMessageId, createdAt } = message;
    const identity = { messageId, conversationId, seq, senderId, receiverId, clientMessageId, createdAt };
    const whole = { ...identity, replyToId: null, mentions: [], attachments: [] };
    expect((await chat.outbox(conversationId)).slice(2).map(({ type }) => type)).toEqual([
      'ReactionsChanged',
      'MessageUpdated',
      'MessageUpdated',
    ]);
    expect((await events('MessageUpdated')).map(({ payload }) => payload)).toEqual(
      edits.map(({ content, editedAt }) => ({
        ...whole,
        content,
        editedAt,
        reactions: [{ emoji: '👍', count: 1, userIds: [bob.userId] }],
      })),
    );
  });

  it('keeps the earlier versions, each with the time of its content, which every member may read, page by page', async () => {
    expect(await bob.versions(message.id)).toEqual([]);
    const second = await alice.edit(message.id, 'two');
    await alice.edit(message.id, 'three');
    const versions = [
      { content: 'one', createdAt: message.createdAt },
      { content: 'two', createdAt: second.editedAt },
    ];
    expect(await bob.versions(message.id)).toEqual(versions);
    expect(await bob.must('GET', `/chat/messages/${message.id}/versions?page=2&limit=1`)).toMatchObject({
      data: [versions[1]],
      total: 2,
      totalPages: 2,
    });
  });

  it('to the same content changes nothing, and has no event', async () => {
    const edited = await alice.edit(message.id, 'two');
    expect(await alice.edit(message.id, 'two')).toEqual(edited);
    expect(await events('MessageUpdated')).toHaveLength(1);
    expect(await alice.versions(message.id)).toHaveLength(1);
  });

  it('stores the text as it came: right-to-left overrides, line ends, 8,000 characters of four bytes', async () => {
    for (const content of ['abc \u202egpj.exe', ' a\r\n\tb ', '🦊'.repeat(8000)])
      expect((await alice.edit(message.id, content)).content).toBe(content);
  });

  // Contract with clients: a retry of a send has the content that was sent.
  it('does not make a retry of the send a conflict: it returns the message as it is now', async () => {
    const request = { receiverId: bob.userId, content: 'one', clientMessageId: message.clientMessageId! };
    const edited = await alice.edit(message.id, 'two');
    expect(await alice.send(request)).toEqual(edited);
    await alice.edit(message.id, 'three');
    const many = await Promise.all(
      Array.from({ length: 5 }, (_, i) => alice.send(i === 0 ? request : { ...request, clientMessageId: newId() })),
    );
    expect(many[0]).toMatchObject({ id: message.id, content: 'three' });
    expect(await alice.request('POST', '/chat/messages', { ...request, content: 'three' })).toMatchObject({ status: 409 });
  });
});

describe('an edit is refused, and changes nothing:', () => {
  it.each([
    ['of no text', {}],
    ['of empty text', { content: '' }],
    ['of white space and zero-width characters alone', { content: ' \n\u200b\u200d\ufeff' }],
    ['of 8,001 characters', { content: 'x'.repeat(8001) }],
    ['of a NUL', { content: 'a\0b' }],
    ['of a lone surrogate', { content: 'a\ud83d' }],
    ['with an unknown field', { content: 'x', seq: 1 }],
  ])('%s', async (_name, body) => {
    expect(await refusal(chat, alice, 'PATCH', `/chat/messages/${message.id}`, body)).toMatchObject(problem(400, 'BAD_USER_INPUT'));
  });

  it('of a message of another member, of a conversation, of nothing, and by a stranger', async () => {
    const edit = (user: TestUser, id: string) => refusal(chat, user, 'PATCH', `/chat/messages/${id}`, { content: 'x' });
    expect(await edit(bob, message.id)).toMatchObject(problem(403, 'FORBIDDEN'));
    for (const id of [message.conversationId, newId()]) expect(await edit(alice, id)).toMatchObject(problem(404, 'NOT_FOUND'));
    expect(await edit(await chat.user(), message.id)).toMatchObject(problem(404, 'NOT_FOUND'));
    expect(await edit(alice, 'x')).toMatchObject(problem(400, 'BAD_USER_INPUT'));
  });

  it('of a deleted message', async () => {
    await alice.deleteMessage(message.id);
    expect(await refusal(chat, alice, 'PATCH', `/chat/messages/${message.id}`, { content: 'x' })).toMatchObject(problem(409, 'CONFLICT'));
  });
});
