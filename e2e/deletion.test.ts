import { afterAll, expect, it } from 'vitest';
import { gateway } from './kit/gateway.ts';
import { eventually } from '@chat/shared/testing';
import type { Answer } from '@chat/testkit/graphql-client';
import { TestUser } from '@chat/testkit/user';

const client = gateway();
afterAll(() => client.close());

const DELETE = 'mutation ($password: String) { deleteAccount(password: $password) }';
const MESSAGES = `query ($id: String!) {
  getMessages(conversationId: $id) { total data { seq senderId sender { id } content clientMessageId deletedAt } }
}`;
const SEND = 'mutation ($input: CreateMessageInput!) { sendMessage(input: $input) { id } }';

const codeOf = (answer: Answer) => answer.errors[0]?.code;

it('deleting an account revokes its sessions, and its messages remain as tombstones for the other members', async () => {
  const [ada, ben, carl] = await Promise.all([
    TestUser.register(client, 'ada', { firstName: 'Augusta' }),
    TestUser.register(client, 'ben'),
    TestUser.register(client, 'carl'),
  ]);
  const bensEvents = await ben.events();
  const cursor = bensEvents.items[0]!.cursor;
  const { conversationId } = await ada.sendTo(ben.userId, 'something private');
  await ben.sendIn(conversationId, 'an answer');
  const last = await ada.sendIn(conversationId, 'something else');
  await bensEvents.waitFor((item) => item.message?.id === last.id, 'the last message');
  await bensEvents.close();
  const notified = async () => (await ben.mustAsk('{ getNotifications { data { title message read } } }')).getNotifications.data;
  await eventually(async () => expect((await notified())[0]).toMatchObject({ title: 'Augusta', message: 'something else' }));

  expect(codeOf(await ada.ask(DELETE))).toBe('BAD_USER_INPUT');
  expect(codeOf(await ada.ask(DELETE, { password: 'not the password' }))).toBe('BAD_USER_INPUT');
  const adasEvents = await ada.events();
  expect(await ada.mustAsk(DELETE, { password: ada.password })).toEqual({ deleteAccount: true });

  // The socket is closed; the tokens and the password are rejected.
  await adasEvents.until(() => adasEvents.ended !== null, 'the end of the socket');
  expect(adasEvents.ended).toContain('4403');
  for (const query of ['{ me { userId } }', '{ getMyProfile { id } }', '{ getConversations { total } }', '{ getNotifications { total } }'])
    expect([query, codeOf(await ada.ask(query))]).toEqual([query, 'UNAUTHENTICATED']);
  const refresh = 'mutation ($token: String!) { refreshToken(input: { refreshToken: $token }) { accessToken } }';
  expect(codeOf(await client.ask(refresh, { token: ada.refreshToken }))).toBe('UNAUTHENTICATED');
  const logIn = 'mutation ($email: String!, $password: String!) { login(input: { email: $email, password: $password }) { accessToken } }';
  expect(codeOf(await client.ask(logIn, { email: ada.email, password: ada.password }))).toBe('UNAUTHENTICATED');

  // The other member still has the conversation with its tombstones, and nothing else.
  const tombstone = { senderId: ada.userId, sender: null, content: '', clientMessageId: null, deletedAt: expect.any(String) };
  await eventually(async () => {
    const { data } = (await ben.mustAsk(MESSAGES, { id: conversationId })).getMessages;
    expect(data).toMatchObject([tombstone, { senderId: ben.userId, content: 'an answer', deletedAt: null }, tombstone]);
  });
  const conversations = '{ getConversations { data { id unreadCount participants lastMessage { content deletedAt sender { id } } } } }';
  // A worker deletes the messages; only then they are not unread any more.
  await eventually(async () =>
    expect((await ben.mustAsk(conversations)).getConversations.data).toEqual([
      {
        id: conversationId,
        unreadCount: 0,
        participants: expect.arrayContaining([ada.userId, ben.userId]),
        lastMessage: { content: '', deletedAt: expect.any(String), sender: null },
      },
    ]),
  );
  await eventually(async () =>
    expect((await notified()).map(({ message, read }: any) => [message, read])).toEqual([
      ['', true],
      ['', true],
    ]),
  );
  await eventually(async () =>
    expect(codeOf(await ben.ask('query ($id: String!) { getProfile(userId: $id) { id } }', { id: ada.userId }))).toBe('NOT_FOUND'),
  );
  await eventually(async () => {
    const presence = 'query ($id: String!) { getPresence(userId: $id) { status lastSeenAt } }';
    expect((await ben.mustAsk(presence, { id: ada.userId })).getPresence).toEqual({ status: 'OFFLINE', lastSeenAt: null });
  });

  // No user can send messages to the deleted user.
  expect(codeOf(await ben.ask(SEND, { input: { conversationId, content: 'are you there?' } }))).toBe('FORBIDDEN');
  expect(codeOf(await ben.ask(SEND, { input: { receiverId: ada.userId, content: 'are you there?' } }))).toBe('FORBIDDEN');
  expect(codeOf(await carl.ask(SEND, { input: { receiverId: ada.userId, content: 'are you there?' } }))).toBe('FORBIDDEN');

  // A replay delivers the tombstones to a client that was offline.
  const replayed = ben.subscribe<any>(
    'subscription ($after: String) { events(after: $after) { cursor __typename ... on MessageCreated { message { seq content deletedAt } } } }',
    { after: cursor },
  );
  await replayed.waitFor((item) => item.message?.seq === 3, 'the replay');
  expect(replayed.items.flatMap((item) => (item.message ? [item.message] : []))).toEqual([
    { seq: 1, content: '', deletedAt: expect.any(String) },
    { seq: 2, content: 'an answer', deletedAt: null },
    { seq: 3, content: '', deletedAt: expect.any(String) },
  ]);
  await replayed.close();
});

it('another user can register with the e-mail address and user name, and gets nothing of the deleted account', async () => {
  const ada = await TestUser.register(client, 'ada');
  const ben = await TestUser.register(client, 'ben');
  await ada.sendTo(ben.userId, 'hello');
  await ada.mustAsk(DELETE, { password: ada.password });
  const register = 'mutation ($input: RegisterInput!) { register(input: $input) { accessToken user { userId email username } } }';
  const { email, username, password } = ada;
  const again = (await client.mustAsk(register, { input: { email, username, password } })).register;
  expect(again.user).toMatchObject({ email, username });
  expect(again.user.userId).not.toBe(ada.userId);
  const answer = await client.mustAsk('{ getConversations { total } getNotifications { total } }', {}, again.accessToken);
  expect(answer).toEqual({ getConversations: { total: 0 }, getNotifications: { total: 0 } });
});
