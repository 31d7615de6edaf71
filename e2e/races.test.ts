import { randomUUID } from 'node:crypto';
import { createClient, type Client } from 'graphql-ws';
import { afterAll, expect, it } from 'vitest';
import { gateway } from './kit/gateway.ts';
import { SEND, type SentMessage, TestUser } from '@chat/testkit/user';
import { WebSocket } from 'ws';

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

it('stores messages that a client sends in a row on one socket in their order, also the first ones to a user', async () => {
  const sendOn = (socket: Client, input: object) =>
    new Promise<SentMessage>((resolve, reject) =>
      socket.subscribe<{ sendMessage: SentMessage }>(
        { query: SEND, variables: { input } },
        {
          next: ({ data, errors }) => (data ? resolve(data.sendMessage) : reject(new Error(JSON.stringify(errors)))),
          error: reject,
          complete: () => {},
        },
      ),
    );
  for (let round = 0; round < 10; round += 1) {
    const [ada, ben] = await pair();
    const connectionParams = { authorization: `Bearer ${ada.accessToken}` };
    const socket = createClient({ url: ada.wsUrl, webSocketImpl: WebSocket, retryAttempts: 0, connectionParams });
    const sent = await Promise.all(
      Array.from({ length: 5 }, (_, n) => sendOn(socket, { receiverId: ben.userId, content: `message ${n}` })),
    );
    expect(sent.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
    await socket.dispose();
  }
});
