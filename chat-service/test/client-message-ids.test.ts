import type { AuthenticatedUser } from '@chat/shared/auth';
import type { ChatMessage } from '@chat/shared/contracts';
import { newId } from '@chat/shared/database';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MessageBatchWriter } from '../src/messages/message-batch-writer.js';
import type { PendingSend } from '../src/messages/message-store.js';
import { Chat, eventually } from './kit/chat.js';

let chat: Chat;
beforeAll(async () => {
  chat = await Chat.start();
});
afterAll(() => chat?.stop());

const pendingSend: Omit<PendingSend, 'sender' | 'conversationId' | 'clientMessageId'> = {
  receiverId: null,
  content: 'x',
  replyToId: null,
  mentions: null,
  attachmentIds: null,
  correlationId: null,
  traceparent: null,
};
describe('a clientMessageId', () => {
  it('sent again returns the first message, also when the message is addressed in the other way', async () => {
    const [alice, bob] = await chat.users(2);
    const request = { receiverId: bob!.userId, content: 'once', clientMessageId: newId() };
    const first = await alice!.send(request);
    expect(await alice!.send(request)).toEqual(first);
    const { content, clientMessageId } = request;
    expect(await alice!.send({ conversationId: first.conversationId, content, clientMessageId })).toEqual(first);
    expect(await chat.rows('select 1 from messages where conversation_id = $1', [first.conversationId])).toHaveLength(1);
  });

  it('sent again returns the message with its present status', async () => {
    const [alice, bob] = await chat.users(2);
    const request = { receiverId: bob!.userId, content: 'once', clientMessageId: newId() };
    const first = await alice!.send(request);
    await bob!.must('PATCH', `/chat/messages/${first.id}/read`);
    expect(await alice!.send(request)).toEqual({ ...first, status: 'READ', readAt: expect.any(String) });
  });

  it('sent 50 times concurrently stores one message and gets 50 equal answers', async () => {
    const [alice, bob] = await chat.users(2);
    const request = { receiverId: bob!.userId, content: 'once', clientMessageId: newId() };
    const answers = await Promise.all(Array.from({ length: 50 }, () => alice!.send(request)));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(await chat.rows('select 1 from messages where sender_id = $1', [alice!.userId])).toHaveLength(1);
    expect(await chat.outbox(answers[0]!.conversationId)).toHaveLength(2);
  });

  it('sent 50 times concurrently with 5 different contents stores one message; the other contents are CONFLICT', async () => {
    const [alice, bob] = await chat.users(2);
    const clientMessageId = newId();
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        alice!.request<ChatMessage>('POST', '/chat/messages', { receiverId: bob!.userId, content: `content ${i % 5}`, clientMessageId }),
      ),
    );
    const taken = answers.filter(({ status }) => status === 201);
    expect(taken).toHaveLength(10);
    expect(new Set(taken.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(40);
    expect(await chat.rows('select 1 from messages where sender_id = $1', [alice!.userId])).toHaveLength(1);
  });

  it('used for another content or conversation is CONFLICT, and stores nothing', async () => {
    const [alice, bob, carol, stranger] = await chat.users(4);
    const clientMessageId = newId();
    const first = await alice!.send({ receiverId: bob!.userId, content: 'one', clientMessageId });
    const other = await alice!.send({ receiverId: carol!.userId, content: 'to Carol' });
    for (const request of [
      { receiverId: bob!.userId, content: 'two', clientMessageId },
      { conversationId: other.conversationId, content: 'one', clientMessageId },
      { receiverId: stranger!.userId, content: 'one', clientMessageId },
    ])
      expect(await alice!.request('POST', '/chat/messages', request)).toMatchObject({ status: 409, body: { code: 'CONFLICT' } });
    expect(await chat.rows('select 1 from messages where sender_id = $1', [alice!.userId])).toHaveLength(2);
    expect(await chat.rows('select 1 from members where user_id = $1', [stranger!.userId])).toEqual([]);
    expect((await bob!.conversation(first.conversationId)).lastSeq).toBe(1);
  });

  it('that another process uses at the same moment is CONFLICT, and the other messages of its batch are stored', async () => {
    const [alice, bob, carol] = await chat.users(3);
    const { conversationId } = await alice!.send({ receiverId: bob!.userId, content: 'one' });
    const elsewhere = await chat.group([alice!, carol!]);
    const clientMessageId = newId();
    const otherProcess = await chat.sql.connect();
    try {
      await otherProcess.query('begin');
      await otherProcess.query(
        `insert into messages (id, conversation_id, seq, sender_id, client_message_id, content, created_at) values ($1, $2, 1, $3, $4, 'x', now())`,
        [newId(), elsewhere, alice!.userId, clientMessageId],
      );
      const writer = chat.service.app.get(MessageBatchWriter, { strict: false });
      const sender: AuthenticatedUser = { userId: alice!.userId, sessionId: newId(), token: alice!.token, kind: 'user' };
      const send = (key: string | null) => ({ ...pendingSend, sender, conversationId, clientMessageId: key });
      const batch = [send(null), send(clientMessageId), send('free')].map((pending) => writer.write(pending));
      await eventually(async () => (await chat.rows(`select 1 from pg_locks where not granted and locktype = 'transactionid'`)).length > 0);
      await otherProcess.query('commit');
      expect(await Promise.all(batch)).toMatchObject([
        { outcome: 'stored', seq: 2 },
        { outcome: 'conflict' },
        { outcome: 'stored', seq: 3 },
      ]);
    } finally {
      otherProcess.release();
    }
  });

  it('is unique for its sender only', async () => {
    const [alice, bob] = await chat.users(2);
    const clientMessageId = newId();
    const first = await alice!.send({ receiverId: bob!.userId, content: 'one', clientMessageId });
    expect(await bob!.send({ receiverId: alice!.userId, content: 'two', clientMessageId })).toMatchObject({
      conversationId: first.conversationId,
      seq: 2,
    });
  });

  it('of a removed member is answered like an unknown conversation', async () => {
    const [alice, bob, carol] = await chat.users(3);
    const conversationId = await chat.group([alice!, bob!, carol!]);
    const request = { conversationId, content: 'one', clientMessageId: newId() };
    await alice!.send(request);
    await chat.sql.query('delete from members where conversation_id = $1 and user_id = $2', [conversationId, alice!.userId]);
    expect(await alice!.request('POST', '/chat/messages', request)).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
    expect(await alice!.request('POST', '/chat/messages', { conversationId, content: 'two' })).toMatchObject({ status: 404 });
  });
});
