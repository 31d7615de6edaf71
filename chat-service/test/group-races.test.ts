import { afterAll, beforeAll, expect, it } from 'vitest';
import { Chat } from './kit/chat.js';
import { knownUsers, TestGroup } from './kit/groups.js';
import { locked } from './kit/locked.js';
import type { TestUser } from './kit/test-user.js';

let chat: Chat;
beforeAll(async () => {
  chat = await Chat.start();
});
afterAll(() => chat?.stop());

const users = (count: number) => chat.users(count) as Promise<[TestUser, TestUser, TestUser, ...TestUser[]]>;

it('of a member that is removed while sending, nothing is stored after the removal, and what was accepted before it is there once', async () => {
  const [ada, ben, carl] = await users(3);
  for (let round = 0; round < 5; round++) {
    const group = await TestGroup.create(chat, ada, [ben, carl]);
    const send = (i: number) => [group.send(ben, `ben ${i}`), group.send(carl, `carl ${i}`)];
    const first = Array.from({ length: 15 }, (_, i) => send(i)).flat();
    await Promise.race(first);
    const removal = group.remove(ada, ben);
    const answers = await Promise.all([...first, ...Array.from({ length: 15 }, (_, i) => send(15 + i)).flat()]);
    expect((await removal).status).toBe(200);
    expect((await group.send(ben)).status).toBe(404);

    const events = (await chat.outbox<{ seq?: number; senderId?: string; messageId?: string }>(group.id)).slice(1);
    const removedAt = events.findIndex(({ type }) => type === 'MembersChanged');
    expect(events.slice(removedAt + 1).filter(({ payload }) => payload.senderId === ben.userId)).toEqual([]);
    const created = events.filter(({ type }) => type === 'MessageCreated').map(({ payload }) => payload);
    expect(created.map(({ seq }) => seq)).toEqual(Array.from({ length: created.length }, (_, i) => i + 1));
    const accepted = answers.filter(({ status }) => status === 201).map(({ body }) => body.id);
    expect(accepted.toSorted()).toEqual(created.map(({ messageId }) => messageId).toSorted());
    for (const [i, { status }] of answers.entries()) expect([201, i % 2 === 0 ? 404 : 201]).toContain(status);
    expect(
      await chat.rows('select 1 from pending_receipt_events where conversation_id = $1 and user_id = $2', [group.id, ben.userId]),
    ).toEqual([]);
  }
});

it('a group always has an owner, although members leave, are promoted or take a lower role at the same moment', async () => {
  const [ada, ben, carl] = await users(3);
  for (let round = 0; round < 10; round++) {
    const group = await TestGroup.create(chat, ada, [ben, carl]);
    await group.setRole(ada, ben, round % 2 === 0 ? 'ADMIN' : 'OWNER');
    const answers = await Promise.all([
      group.leave(ada),
      group.setRole(ada, carl, 'OWNER'),
      round % 2 === 0 ? group.setTitle(ben, 'x') : group.leave(ben),
      group.setRole(ben, ben, 'MEMBER'),
    ]);
    for (const { status } of answers) expect([200, 204, 403, 404, 409]).toContain(status);
    const roles = await group.roles();
    expect(Object.keys(roles)).not.toContain(ada.userId);
    expect(Object.values(roles)).toContain('OWNER');
  }
});

it('concurrent additions never exceed 1,000 members, and add no user twice', async () => {
  const [ada] = await users(1);
  const others = await knownUsers(chat, 1002);
  const memberIds = others.slice(0, 998).map(({ userId }) => userId);
  const { id } = await ada.must<{ id: string }>('POST', '/chat/groups', { title: 'Many', memberIds });
  const add = (...added: { userId: string }[]) =>
    ada.request<{ code?: string }>('POST', `/chat/groups/${id}/members`, { userIds: added.map(({ userId }) => userId) });
  const answers = await Promise.all([add(others[998]!), add(others[999]!), add(others[1000]!), add(others[998]!)]);
  const rejected = answers.filter(({ status }) => status !== 200);
  expect(rejected.every(({ status, body }) => status === 400 && body.code === 'BAD_USER_INPUT')).toBe(true);
  expect(rejected.length).toBeGreaterThanOrEqual(2);
  const [{ count }] = (await chat.rows<{ count: number }>('select count(*)::int from members where conversation_id = $1', [id])) as [
    { count: number },
  ];
  expect(count).toBe(1000);
  expect((await chat.outbox(id)).filter(({ type }) => type === 'MembersChanged')).toHaveLength(1);
  // No user of a list that is too long is added.
  expect((await add(others[0]!, others[1001]!)).body).toMatchObject({ code: 'BAD_USER_INPUT' });
});

it('several groups with 1,000 members are created at the same moment', async () => {
  const creators = await chat.users(8);
  const memberIds = (await knownUsers(chat, 999)).map(({ userId }) => userId);
  const answers = await Promise.all(creators.map((creator) => creator.request('POST', '/chat/groups', { title: 'Many', memberIds })));
  expect(answers.map(({ status }) => status)).toEqual(creators.map(() => 201));
});

it('a change of a group whose conversation or member is locked for a moment is made afterwards, and a long lock is UNAVAILABLE', async () => {
  const [ada, ben, carl] = await users(3);
  const group = await TestGroup.create(chat, ada, [ben, carl]);
  const lock = ['select 1 from conversations where id = $1 for update', [group.id]] as const;
  const answer = await locked(chat, lock, async () => group.setTitle(ada, 'x'));
  expect(answer).toMatchObject({ status: 503, body: { code: 'UNAVAILABLE' } });
  const member = ['select 1 from members where conversation_id = $1 and user_id = $2 for update', [group.id, ben.userId]] as const;
  let removal: Promise<{ status: number }> | undefined;
  await locked(chat, member, async () => {
    removal = group.remove(ada, ben);
    // Others are not delayed by it.
    expect((await carl.send({ receiverId: ben.userId, content: 'hello' })).seq).toBe(1);
  });
  expect((await removal!).status).toBe(200);
  expect(await group.eventTypes()).toEqual(['ConversationCreated', 'MembersChanged']);
});
