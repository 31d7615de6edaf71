import type { ChatConversation } from '@chat/shared/contracts';
import { newId } from '@chat/shared/database';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Chat } from './kit/chat.js';
import type { TestUser } from './kit/test-user.js';

let chat: Chat;
beforeAll(async () => {
  chat = await Chat.start();
});
afterAll(() => chat?.stop());

/** The database is restored to a time before the conversation of the two users was created; this process has used it. */
async function restored(one: TestUser, other: TestUser): Promise<string> {
  const { conversationId } = await one.send({ receiverId: other.userId, content: 'before' });
  for (const [table, column] of [
    ['messages', 'conversation_id'],
    ['members', 'conversation_id'],
    ['outbox', 'key'],
    ['conversations', 'id'],
  ])
    await chat.sql.query(`delete from ${table} where ${column}::text = $1`, [conversationId]);
  return conversationId;
}

describe('after the database was restored, without a restart', () => {
  it('messages to a user are stored, in order, in a new conversation', async () => {
    const [alice, bob] = (await chat.users(2)) as [TestUser, TestUser];
    const lost = await restored(alice, bob);
    const sent = await Promise.all(Array.from({ length: 5 }, (_, i) => alice.send({ receiverId: bob.userId, content: `${i}` })));
    expect(new Set(sent.map(({ conversationId }) => conversationId)).size).toBe(1);
    expect(sent[0]!.conversationId).not.toBe(lost);
    expect(sent.map(({ seq }) => seq).sort()).toEqual([1, 2, 3, 4, 5]);
  });

  it('a conversation can be opened', async () => {
    const [alice, bob] = (await chat.users(2)) as [TestUser, TestUser];
    const lost = await restored(alice, bob);
    const { id } = await alice.must<ChatConversation>('POST', '/chat/conversations', { receiverId: bob.userId });
    expect(id).not.toBe(lost);
    expect(await alice.send({ receiverId: bob.userId, content: 'after' })).toMatchObject({ conversationId: id, seq: 1 });
  });

  it('the conversation that another process has created is found, and no other one is accepted', async () => {
    const [alice, bob] = (await chat.users(2)) as [TestUser, TestUser];
    await restored(alice, bob);
    const conversationId = newId();
    await chat.sql.query('select find_or_create_direct_conversation($1, $2, $3, $4, null, null, true)', [
      alice.userId,
      bob.userId,
      conversationId,
      newId(),
    ]);
    const request = { receiverId: bob.userId, conversationId, content: 'after' };
    expect(await alice.send(request)).toMatchObject({ conversationId, seq: 1 });
    expect(await alice.request('POST', '/chat/messages', { ...request, conversationId: newId() })).toMatchObject({ status: 400 });
  });
});
