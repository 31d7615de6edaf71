import { randomUUID } from 'node:crypto';
import { afterAll, expect, it } from 'vitest';
import { gateway } from './kit/gateway.ts';
import { TestUser } from '@chat/testkit/user';

const client = gateway();
afterAll(() => client.close());
const pair = async () => (await Promise.all([TestUser.register(client, 'ada'), TestUser.register(client, 'ben')])) as [TestUser, TestUser];

it('creates one conversation for twenty concurrent first messages, with seq 1 to 20', async () => {
  const [ada, ben] = await pair();
  const sent = await Promise.all(
    Array.from({ length: 20 }, (_, n) => (n % 2 ? ada.sendTo(ben.userId, `a${n}`) : ben.sendTo(ada.userId, `b${n}`))),
  );
  expect(new Set(sent.map((m) => m.conversationId)).size).toBe(1);
  expect(sent.map((m) => m.seq).sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
  expect((await ada.mustAsk('{ getConversations { total } }')).getConversations.total).toBe(1);
});

it('stores one message for fifty concurrent sends with the same clientMessageId, and gives all of them the same answer', async () => {
  const [ada, ben] = await pair();
  const key = randomUUID();
  const answers = await Promise.all(Array.from({ length: 50 }, () => ada.sendTo(ben.userId, 'once', key)));
  expect(new Set(answers.map((m) => JSON.stringify(m))).size).toBe(1);
  const { conversationId } = answers[0]!;
  const stored = (
    await ben.mustAsk('query ($id: String!) { getMessages(conversationId: $id) { total data { id } } }', { id: conversationId })
  ).getMessages;
  expect(stored).toEqual({ total: 1, data: [{ id: answers[0]!.id }] });
});

it('accepts a message to a user that has just registered', async () => {
  const ada = await TestUser.register(client, 'ada');
  for (let n = 0; n < 10; n += 1) {
    const ben = await TestUser.register(client, 'ben');
    expect((await ada.sendTo(ben.userId, 'welcome')).seq).toBe(1);
    expect((await ben.mustAsk('{ getMyProfile { username } me { username } }')).getMyProfile.username).toBe(ben.username);
  }
});
