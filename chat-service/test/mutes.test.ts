import type { ChatConversation } from '@chat/shared/contracts';
import { newId } from '@chat/shared/database';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Chat } from './kit/chat.js';
import { locked } from './kit/locked.js';
import { problem, refusal } from './kit/refusal.js';
import type { TestUser } from './kit/test-user.js';

let chat: Chat;
beforeAll(async () => {
  chat = await Chat.start();
});
afterAll(() => chat?.stop());

const HOUR_MS = 3_600_000;
const inHours = (hours: number) => new Date(Date.now() + hours * HOUR_MS).toISOString();
const pathOf = (id: string) => `/chat/conversations/${id}/mute`;
const mute = (user: TestUser, id: string, until: string | null) => user.must<ChatConversation>('PUT', pathOf(id), { until });
const eventsOf = async (id: string) =>
  (await chat.outbox(id)).filter(({ type }) => type === 'ConversationMuted').map(({ payload }) => payload);

async function talk() {
  const [alice, bob] = (await chat.users(2)) as [TestUser, TestUser];
  const { conversationId } = await alice.send({ receiverId: bob.userId, content: 'one' });
  return { alice, bob, conversationId };
}

describe('a muted conversation', () => {
  it('says until when, only to the member that muted it, with an event for each change', async () => {
    const { alice, bob, conversationId } = await talk();
    const [first, second] = [inHours(1), inHours(2)];
    expect(await bob.conversation(conversationId)).toMatchObject({ mutedUntil: null });
    expect(await mute(bob, conversationId, first)).toMatchObject({ mutedUntil: first, unreadCount: 1 });
    expect(await mute(bob, conversationId, second)).toMatchObject({ mutedUntil: second });
    expect(await bob.must('GET', '/chat/conversations')).toMatchObject({ data: [{ mutedUntil: second }] });
    expect(await alice.conversation(conversationId)).toMatchObject({ mutedUntil: null });
    expect(await mute(bob, conversationId, null)).toMatchObject({ mutedUntil: null });
    expect(await eventsOf(conversationId)).toEqual(
      [first, second, null].map((mutedUntil) => ({ conversationId, userId: bob.userId, mutedUntil, mutedAt: expect.any(String) })),
    );
  });

  it('that is muted in the same way again, or unmuted twice, causes no event', async () => {
    const { bob, conversationId } = await talk();
    const until = inHours(1);
    for (const value of [null, until, until, null, null]) await mute(bob, conversationId, value);
    expect(await eventsOf(conversationId)).toHaveLength(2);
  });

  it('is not muted any more when the time has passed', async () => {
    const { bob, conversationId } = await talk();
    await mute(bob, conversationId, inHours(1));
    await chat.sql.query(`update members set muted_until = now() - interval '1 ms' where conversation_id = $1 and user_id = $2`, [
      conversationId,
      bob.userId,
    ]);
    expect(await bob.conversation(conversationId)).toMatchObject({ mutedUntil: null });
  });

  it('waits for a message that is being stored, and comes after it', async () => {
    const { bob, conversationId } = await talk();
    const lock = ['select 1 from conversations where id = $1 for no key update', [conversationId]] as const;
    const until = inHours(1);
    const muting = await locked(chat, lock, async () => ({ answer: mute(bob, conversationId, until) }));
    expect(await muting.answer).toMatchObject({ mutedUntil: until });
  });
});

describe('muting rejects', () => {
  const cases: [string, () => unknown][] = [
    ['no time', () => ({})],
    ['a time in the past', () => ({ until: inHours(-1) })],
    ['a time that is too far away', () => ({ until: inHours(101 * 366 * 24) })],
    ['a day without a time', () => ({ until: '2090-01-01' })],
    ['a day that does not exist', () => ({ until: '2090-02-30T00:00:00.000Z' })],
    ['a text', () => ({ until: 'tomorrow' })],
    ['a number', () => ({ until: 4_000_000_000_000 })],
    ['an unknown field', () => ({ until: inHours(1), userId: newId() })],
  ];
  it.each(cases)('%s', async (_name, body) => {
    const { bob, conversationId } = await talk();
    expect(await refusal(chat, bob, 'PUT', pathOf(conversationId), body())).toMatchObject(problem(400, 'BAD_USER_INPUT'));
    expect(await bob.conversation(conversationId)).toMatchObject({ mutedUntil: null });
  });

  it('a conversation of others, like one that does not exist', async () => {
    const { conversationId } = await talk();
    const stranger = await chat.user();
    for (const id of [conversationId, newId()])
      expect(await refusal(chat, stranger, 'PUT', pathOf(id), { until: inHours(1) })).toMatchObject(problem(404, 'NOT_FOUND'));
  });
});
