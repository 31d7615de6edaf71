import type { ChatMessage } from '@chat/shared/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Chat } from './kit/chat.js';

let chat: Chat;
beforeAll(async () => {
  chat = await Chat.start();
});
afterAll(() => chat?.stop());
describe('sending to a user', () => {
  it('creates the conversation with the first message, and uses it for later messages of both', async () => {
    const [alice, bob] = await chat.users(2);
    const first = await alice!.send({ receiverId: bob!.userId, content: 'Hello Bob', clientMessageId: 'one' });
    expect(first).toEqual({
      id: expect.any(String),
      conversationId: expect.any(String),
      seq: 1,
      senderId: alice!.userId,
      receiverId: bob!.userId,
      content: 'Hello Bob',
      replyToId: null,
      mentions: [],
      attachments: [],
      reactions: [],
      clientMessageId: 'one',
      status: 'SENT',
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      editedAt: null,
      deletedAt: null,
      readAt: null,
    });
    const second = await bob!.send({ receiverId: alice!.userId, content: 'Hello Alice' });
    expect(second).toMatchObject({ conversationId: first.conversationId, seq: 2, receiverId: alice!.userId, clientMessageId: null });
    const third = await alice!.send({ conversationId: first.conversationId, content: 'How are you?' });
    expect(third).toMatchObject({ conversationId: first.conversationId, seq: 3, receiverId: bob!.userId });
  });

  it('publishes the conversation before its first message', async () => {
    const [alice, bob] = await chat.users(2);
    const message = await alice!.send({ receiverId: bob!.userId, content: 'Hi', clientMessageId: 'key' });
    const { conversationId } = message;
    const [low, high] = [alice!.userId, bob!.userId].sort();
    expect(await chat.outbox(conversationId)).toEqual([
      {
        type: 'ConversationCreated',
        payload: {
          conversationId,
          kind: 'DIRECT',
          title: null,
          members: [
            { userId: low, role: 'MEMBER' },
            { userId: high, role: 'MEMBER' },
          ],
          createdBy: alice!.userId,
          createdAt: expect.any(String),
        },
      },
      {
        type: 'MessageCreated',
        payload: {
          messageId: message.id,
          conversationId,
          seq: 1,
          senderId: alice!.userId,
          receiverId: bob!.userId,
          content: 'Hi',
          clientMessageId: 'key',
          createdAt: message.createdAt,
          replyToId: null,
          mentions: [],
        },
      },
    ]);
  });

  it('publishes the conversation on chat.membership, too, in the transaction of its first message', async () => {
    const [alice, bob] = await chat.users(2);
    const { conversationId } = await alice!.send({ receiverId: bob!.userId, content: 'Hi' });
    const [onMembership, ...further] = await chat.outbox(conversationId, 'chat.membership');
    expect(onMembership).toEqual((await chat.outbox(conversationId))[0]);
    expect(further).toEqual([]);
    expect(await chat.rows('select distinct tx from outbox where key = $1', [conversationId])).toHaveLength(1);
  });

  it('20 concurrent first messages between two users create one conversation, with seq 1 to 20', async () => {
    const [alice, bob] = await chat.users(2);
    const sent = await Promise.all(
      Array.from({ length: 20 }, (_, i) => {
        const [from, to] = i % 2 === 0 ? [alice!, bob!] : [bob!, alice!];
        return from.send({ receiverId: to.userId, content: `message ${i}` });
      }),
    );
    expect(new Set(sent.map((message) => message.conversationId)).size).toBe(1);
    expect(sent.map((message) => message.seq).sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    const published = await chat.outbox(sent[0]!.conversationId);
    expect(published.map(({ type }) => type).filter((type) => type === 'ConversationCreated')).toHaveLength(1);
    expect(published[0]!.type).toBe('ConversationCreated');
  });

  it('accepts both ids when they match', async () => {
    const [alice, bob] = await chat.users(2);
    const { conversationId } = await alice!.send({ receiverId: bob!.userId, content: 'one' });
    expect(await alice!.send({ receiverId: bob!.userId, conversationId, content: 'two' })).toMatchObject({ conversationId, seq: 2 });
  });

  it('keeps the text unchanged, and accepts ids in upper case', async () => {
    const [alice, bob] = await chat.users(2);
    const content = ' line one\r\nline two\t"quoted" \\ 👩‍👩‍👧 \u202etfel\n';
    const sent = await alice!.send({ receiverId: bob!.userId.toUpperCase(), content });
    expect(sent).toMatchObject({ content, receiverId: bob!.userId });
    const read = await bob!.must<ChatMessage>('GET', `/chat/messages/${sent.id.toUpperCase()}`);
    expect(read.content).toBe(content);
    expect((await chat.outbox<ChatMessage>(sent.conversationId))[1]!.payload.content).toBe(content);
  });

  it('stores a message to a user that registered a moment ago', async () => {
    const [alice, bob] = await chat.users(2);
    expect(await chat.rows('select 1 from users where user_id = $1', [bob!.userId])).toEqual([]);
    await alice!.send({ receiverId: bob!.userId, content: 'welcome' });
    expect(await chat.rows('select 1 from users where user_id = $1', [bob!.userId])).toHaveLength(1);
  });
});

describe('sending to a group', () => {
  it('numbers the messages of all members and has no receiver', async () => {
    const users = await chat.users(3);
    const conversationId = await chat.group(users);
    const sent = await Promise.all(users.map((user) => user.send({ conversationId, content: 'hi' })));
    expect(sent.map(({ seq }) => seq).sort()).toEqual([1, 2, 3]);
    expect(sent.map(({ receiverId }) => receiverId)).toEqual([null, null, null]);
  });
});
