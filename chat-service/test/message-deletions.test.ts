import type { ChatMessage } from '@chat/shared/contracts';
import { newId } from '@chat/shared/database';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Chat } from './kit/chat.js';
import { problem, refusal } from './kit/refusal.js';
import { tablesWith } from './kit/tables-with.js';
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

describe('a deletion', () => {
  it('leaves a tombstone: seq, sender and times; content, versions, reactions, mentions and the reply link are gone', async () => {
    const [secret, later] = [randomUUID(), randomUUID()];
    const { conversationId } = message;
    const mentioned = await alice.send({ conversationId, content: secret, replyToId: message.id, mentions: [bob.userId] });
    await alice.edit(mentioned.id, later);
    await bob.react(mentioned.id, '👍');
    const tombstone = await alice.deleteMessage(mentioned.id);
    expect(tombstone).toEqual({ ...mentioned, content: '', replyToId: null, mentions: [], deletedAt: expect.stringMatching(/Z$/) });
    expect(await bob.message(mentioned.id)).toEqual(tombstone);
    expect(await bob.versions(mentioned.id)).toEqual([]);
    expect(await bob.conversation(conversationId)).toMatchObject({ lastMessage: tombstone, lastSeq: 2 });
    await alice.send({ conversationId, content: 'next' });
    expect((await bob.conversation(conversationId)).lastSeq).toBe(3);
    // What was published stays in the outbox until Kafka has it, and in Kafka for the retention.
    for (const text of [secret, later]) expect(await tablesWith(chat, text)).toEqual(['outbox']);
    expect(await chat.rows('select 1 from message_reactions where message_id = $1', [mentioned.id])).toEqual([]);
  });

  it('is an event without the text', async () => {
    const { deletedAt } = await alice.deleteMessage(message.id);
    const [event, ...more] = (await chat.outbox(message.conversationId)).slice(2);
    expect(more).toEqual([]);
    expect(event).toMatchObject({
      type: 'MessageDeleted',
      payload: { messageId: message.id, seq: 1, senderId: alice.userId, deletedBy: alice.userId, deletedAt },
    });
    expect(JSON.stringify(event)).not.toContain('one');
  });

  it('of a deleted message answers the tombstone, without an event', async () => {
    const tombstone = await alice.deleteMessage(message.id);
    expect(await alice.deleteMessage(message.id)).toEqual(tombstone);
    expect(await chat.outbox(message.conversationId)).toHaveLength(3);
  });

  it('decreases the unread count', async () => {
    const second = await alice.send({ conversationId: message.conversationId, content: 'two' });
    await alice.send({ conversationId: message.conversationId, content: 'three' });
    await alice.deleteMessage(second.id);
    expect((await bob.conversation(message.conversationId)).unreadCount).toBe(2);
  });

  it('does not free the clientMessageId: a retry returns the tombstone', async () => {
    const tombstone = await alice.deleteMessage(message.id);
    const retry = { receiverId: bob.userId, content: 'one', clientMessageId: message.clientMessageId! };
    expect(await alice.send(retry)).toEqual(tombstone);
    const { conversationId } = await alice.send({ receiverId: (await chat.user()).userId, content: 'elsewhere' });
    expect(
      await alice.request('POST', '/chat/messages', { conversationId, content: 'one', clientMessageId: retry.clientMessageId }),
    ).toMatchObject({
      status: 409,
    });
    expect((await bob.conversation(message.conversationId)).lastSeq).toBe(1);
  });

  it('in a group is for the sender, owners and admins', async () => {
    const [owner, admin, member, sender] = (await chat.users(4)) as [TestUser, TestUser, TestUser, TestUser];
    const conversationId = await chat.group([owner, admin, member, sender]);
    const setRole = 'update members set role = $3 where conversation_id = $1 and user_id = $2';
    await chat.sql.query(setRole, [conversationId, owner.userId, 'OWNER']);
    await chat.sql.query(setRole, [conversationId, admin.userId, 'ADMIN']);
    for (const user of [owner, admin, sender]) {
      const { id } = await sender.send({ conversationId, content: 'x' });
      expect(await refusal(chat, member, 'DELETE', `/chat/messages/${id}`, undefined)).toMatchObject(problem(403, 'FORBIDDEN'));
      expect(await user.deleteMessage(id)).toMatchObject({ senderId: sender.userId, content: '', deletedAt: expect.any(String) });
    }
  });
});

it('a deletion is refused, and changes nothing: of a message of the other member, of a conversation, of nothing, by a stranger', async () => {
  const remove = (user: TestUser, id: string) => refusal(chat, user, 'DELETE', `/chat/messages/${id}`, undefined);
  expect(await remove(bob, message.id)).toMatchObject(problem(403, 'FORBIDDEN'));
  for (const id of [message.conversationId, newId()]) expect(await remove(alice, id)).toMatchObject(problem(404, 'NOT_FOUND'));
  expect(await remove(await chat.user(), message.id)).toMatchObject(problem(404, 'NOT_FOUND'));
});
