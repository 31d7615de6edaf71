import type { ChatMessage } from '@chat/shared/contracts';
import { newId } from '@chat/shared/database';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Chat, eventually } from './kit/chat.js';
import { problem, refusal } from './kit/refusal.js';
import type { TestUser } from './kit/test-user.js';

let chat: Chat;
beforeAll(async () => {
  chat = await Chat.start();
});
afterAll(() => chat?.stop());

const pathOf = (user: { userId: string }) => `/chat/blocks/${user.userId}`;
const block = (user: TestUser, other: TestUser) => user.must('PUT', pathOf(other));
const unblock = (user: TestUser, other: TestUser) => user.must('DELETE', pathOf(other));
const send = (user: TestUser, body: object) => user.request('POST', '/chat/messages', body);
const eventsOf = async (user: TestUser) => (await chat.outbox(user.userId, 'chat.user')).map(({ type, payload }) => ({ type, ...payload }));
const forbidden = problem(403, 'FORBIDDEN');

async function pair() {
  const [alice, bob] = (await chat.users(2)) as [TestUser, TestUser];
  // Known, and without an event that is about to be published: `refusal` compares what is stored.
  await chat.sql.query('insert into users (user_id, registered_at) values ($1, now()), ($2, now())', [alice.userId, bob.userId]);
  await eventually(async () => (await chat.rows('select 1 from pending_receipt_events')).length === 0);
  return { alice, bob };
}

describe('while one of two users has blocked the other', () => {
  it.each([true, false])(
    'neither can send to the other, alone or together with others, and both learn the same (existing: %s)',
    async (exists) => {
      const { alice, bob } = await pair();
      const ids = exists ? { conversationId: (await alice.send({ receiverId: bob.userId, content: 'before' })).conversationId } : {};
      await block(alice, bob);
      const answers: unknown[] = [];
      for (const [from, to] of [
        [alice, bob],
        [bob, alice],
      ] as const) {
        const { body } = await refusal(chat, from, 'POST', '/chat/messages', { receiverId: to.userId, content: 'x' });
        answers.push({ ...body, requestId: '', instance: '' });
        expect(await refusal(chat, from, 'POST', '/chat/messages', { receiverId: to.userId, ...ids, content: 'x' })).toMatchObject(
          forbidden,
        );
        // Many concurrent messages are stored by another function than a single one.
        const many = await Promise.all(Array.from({ length: 30 }, () => send(from, { receiverId: to.userId, ...ids, content: 'x' })));
        expect(new Set(many.map(({ status }) => status))).toEqual(new Set([403]));
      }
      expect(answers[0]).toMatchObject({ status: 403, code: 'FORBIDDEN' });
      expect(answers[1]).toEqual(answers[0]);
      expect(JSON.stringify(answers)).not.toMatch(/block/i);
    },
  );

  it('a retry of an earlier message returns it, and the messages stay readable', async () => {
    const { alice, bob } = await pair();
    const sent = await bob.send({ receiverId: alice.userId, content: 'before', clientMessageId: 'key' });
    await block(alice, bob);
    expect((await bob.send({ receiverId: alice.userId, content: 'before', clientMessageId: 'key' })).id).toBe(sent.id);
    expect(await alice.must<ChatMessage>('GET', `/chat/messages/${sent.id}`)).toMatchObject({ content: 'before' });
    expect((await alice.markRead(sent.conversationId, 1)).unreadCount).toBe(0);
  });

  it('neither can create their conversation; an existing one can be opened', async () => {
    const { alice, bob } = await pair();
    await block(alice, bob);
    for (const [from, to] of [
      [alice, bob],
      [bob, alice],
    ] as const)
      expect(await refusal(chat, from, 'POST', '/chat/conversations', { receiverId: to.userId })).toMatchObject(forbidden);
    await unblock(alice, bob);
    const { id } = await bob.must<{ id: string }>('POST', '/chat/conversations', { receiverId: alice.userId });
    await block(alice, bob);
    expect(await bob.must('POST', '/chat/conversations', { receiverId: alice.userId })).toMatchObject({ id });
  });

  it('neither can edit a message or add a reaction; both can delete and remove', async () => {
    const { alice, bob } = await pair();
    const { id, conversationId } = await bob.send({ receiverId: alice.userId, content: 'before' });
    const path = `/chat/messages/${id}`;
    await bob.must('POST', `${path}/reactions`, { emoji: '👍' });
    await block(alice, bob);
    expect(await refusal(chat, bob, 'PATCH', path, { content: 'edited' })).toMatchObject(forbidden);
    for (const user of [alice, bob])
      expect(await refusal(chat, user, 'POST', `${path}/reactions`, { emoji: '😀' })).toMatchObject(forbidden);
    expect(await bob.must('DELETE', `${path}/reactions?emoji=${encodeURIComponent('👍')}`)).toMatchObject({ reactions: [] });
    expect(await bob.must('DELETE', path)).toMatchObject({ content: '', conversationId });
  });

  it('neither can create a group with the other, or add the other to one; a member that is there already is no addition', async () => {
    const { alice, bob } = await pair();
    const [carol] = (await chat.users(1)) as [TestUser];
    const { id } = await alice.must<{ id: string }>('POST', '/chat/groups', { title: 'Before', memberIds: [bob.userId] });
    await block(alice, bob);
    await alice.must('POST', `/chat/groups/${id}/members`, { userIds: [bob.userId] });
    for (const [from, to] of [
      [alice, bob],
      [bob, alice],
    ] as const) {
      const memberIds = [carol.userId, to.userId];
      const own = await from.must<{ id: string }>('POST', '/chat/groups', { title: 'Own', memberIds: [carol.userId] });
      expect(await refusal(chat, from, 'POST', '/chat/groups', { title: 'x', memberIds })).toMatchObject(forbidden);
      expect(await refusal(chat, from, 'POST', `/chat/groups/${own.id}/members`, { userIds: [to.userId] })).toMatchObject(forbidden);
    }
  });

  it('both still send in a common group', async () => {
    const { alice, bob } = await pair();
    const conversationId = await chat.group([alice, bob]);
    await block(alice, bob);
    expect(await bob.send({ conversationId, content: 'to all' })).toMatchObject({ seq: 1 });
    expect(await alice.send({ conversationId, content: 'to all' })).toMatchObject({ seq: 2 });
  });
});

describe('unblocking', () => {
  it('allows messages again when neither has blocked the other', async () => {
    const { alice, bob } = await pair();
    const { conversationId } = await alice.send({ receiverId: bob.userId, content: 'before' });
    await block(alice, bob);
    await block(bob, alice);
    await unblock(alice, bob);
    expect((await send(alice, { conversationId, content: 'x' })).status).toBe(403);
    await unblock(bob, alice);
    expect(await alice.send({ conversationId, content: 'after' })).toMatchObject({ seq: 2 });
  });
});

describe('a block', () => {
  it('has an event for each change, and none for a repetition', async () => {
    const { alice, bob } = await pair();
    for (const change of [unblock, block, block, unblock, unblock]) await change(alice, bob);
    expect(await eventsOf(alice)).toEqual([
      { type: 'UserBlocked', userId: alice.userId, blockedUserId: bob.userId, blockedAt: expect.any(String) },
      { type: 'UserUnblocked', userId: alice.userId, unblockedUserId: bob.userId, unblockedAt: expect.any(String) },
    ]);
  });

  it('is in the list of the user that made it, the last one first, and in no other', async () => {
    const [alice, bob, carol] = (await chat.users(3)) as [TestUser, TestUser, TestUser];
    await block(alice, bob);
    await chat.sql.query(`update blocks set created_at = created_at - interval '1 second' where blocker_id = $1`, [alice.userId]);
    await block(alice, carol);
    expect(await alice.must('GET', '/chat/blocks')).toEqual([carol.userId, bob.userId]);
    expect(await bob.must('GET', '/chat/blocks')).toEqual([]);
  });

  it('of oneself, of an unknown user or of something else is rejected', async () => {
    const { alice } = await pair();
    for (const method of ['PUT', 'DELETE']) {
      expect(await refusal(chat, alice, method, pathOf(alice), undefined)).toMatchObject(problem(400, 'BAD_USER_INPUT'));
      expect(await refusal(chat, alice, method, '/chat/blocks/bob', undefined)).toMatchObject(problem(400, 'BAD_USER_INPUT'));
    }
    expect(await refusal(chat, alice, 'PUT', pathOf({ userId: newId() }), undefined)).toMatchObject(problem(404, 'NOT_FOUND'));
    expect(await alice.must('GET', '/chat/blocks')).toEqual([]);
  });

  it('above 10,000 is rejected', async () => {
    const { alice, bob } = await pair();
    await chat.sql.query(
      'insert into blocks (blocker_id, blocked_id, created_at) select $1, gen_random_uuid(), now() from generate_series(1, 10000)',
      [alice.userId],
    );
    expect(await refusal(chat, alice, 'PUT', pathOf(bob), undefined)).toMatchObject(problem(409, 'CONFLICT'));
  });
});

describe('a block and a message at the same time', () => {
  it.each([true, false])('no message is accepted after the block (existing conversation: %s)', async (exists) => {
    for (let round = 0; round < 10; round++) {
      const { alice, bob } = await pair();
      if (exists) await alice.send({ receiverId: bob.userId, content: 'before' });
      let isBlocked = false;
      const blocking = block(alice, bob).then(() => (isBlocked = true));
      const sendAll = async () => {
        for (let i = 0; ; i++) {
          const wasBlocked = isBlocked;
          const { status } = await send(bob, { receiverId: alice.userId, content: `${i}` });
          if (wasBlocked) return status;
        }
      };
      expect(await Promise.all([sendAll(), sendAll()])).toEqual([403, 403]);
      await blocking;
    }
  });

  it('waits for a message that is being stored', async () => {
    const { alice, bob } = await pair();
    const { conversationId } = await alice.send({ receiverId: bob.userId, content: 'before' });
    const connection = await chat.sql.connect();
    await connection.query('begin');
    await connection.query('select 1 from conversations where id = $1 for no key update', [conversationId]);
    let isDone = false;
    const blocking = block(alice, bob).then(() => (isDone = true));
    await eventually(
      async () =>
        (await chat.rows(`select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`)).length > 0,
    );
    expect(isDone).toBe(false);
    await connection.query('commit');
    connection.release();
    await blocking;
    expect((await send(bob, { conversationId, content: 'x' })).status).toBe(403);
  });
});
