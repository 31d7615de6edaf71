import { eventually } from '@chat/shared/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GatewayKit } from './kit/gateway-kit.js';

const REGISTER = 'mutation ($input: RegisterInput!) { register(input: $input) { accessToken } }';
const LOGIN = 'mutation ($input: LoginInput!) { login(input: $input) { accessToken } }';
/** The registrations and as many checks that wait in auth-service by default, and some more. */
const WAITING = 100;

let kit: GatewayKit;
beforeAll(async () => {
  kit = await GatewayKit.start();
});
afterAll(() => kit?.stop());

it('registrations that wait in auth-service for their hash hold up no login', async () => {
  const { promise: hashed, resolve: hash } = Promise.withResolvers<void>();
  const user = { userId: '1', email: 'ada@example.test', username: 'ada', provider: 'local', emailVerified: false };
  const tokens = { accessToken: 'access', refreshToken: 'refresh', user };
  kit.services.handlers.set('POST /auth/register', () => hashed.then(() => tokens));
  kit.services.handlers.set('POST /auth/login', () => tokens);
  const password = 'a long password of ada';
  const registrations = Array.from({ length: WAITING }, (_, n) =>
    kit.ask(REGISTER, { input: { email: `ada${n}@example.test`, username: `ada${n}`, password } }),
  );
  await eventually(() => kit.services.callsOf('POST', '/auth/register').length >= 32);
  const login = await kit.ask(LOGIN, { input: { email: 'ada@example.test', password } });
  expect(login.data).toEqual({ login: { accessToken: 'access' } });
  hash();
  for (const { errors } of await Promise.all(registrations)) expect(errors).toEqual([]);
});

it('receipts that wait in chat-service for their interval hold up no other request', async () => {
  const { ada, ben, talk } = await kit.createConversation();
  const { promise: written, resolve: write } = Promise.withResolvers<void>();
  const paths = [`/chat/conversations/${talk.id}/read`, `/chat/conversations/${talk.id}/delivered`, `/chat/messages/${talk.id}/read`];
  for (const path of paths) kit.services.handlers.set(`PATCH ${path}`, () => written);
  const mutations = [
    `markConversationAsRead(conversationId: "${talk.id}", seq: 1) { id }`,
    `markConversationAsDelivered(conversationId: "${talk.id}", seq: 1)`,
    `markMessageAsRead(messageId: "${talk.id}") { id }`,
  ];
  const marks = Array.from({ length: WAITING }, (_, n) => kit.ask(`mutation { ${mutations[n % 3]} }`, {}, ada.token));
  await eventually(() => kit.services.calls.filter(({ path }) => paths.includes(path)).length >= 32);
  const { data } = await kit.ask('query ($id: ID!) { getConversation(conversationId: $id) { id } }', { id: talk.id }, ben.token);
  expect(data).toEqual({ getConversation: { id: talk.id } });
  write();
  await Promise.all(marks);
});
