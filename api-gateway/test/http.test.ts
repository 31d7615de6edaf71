import { randomUUID } from 'node:crypto';
import { AppError } from '@chat/shared/errors';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GatewayKit } from './kit/gateway-kit.js';

let kit: GatewayKit;
let ada: Awaited<ReturnType<GatewayKit['createUser']>>;
beforeAll(async () => {
  kit = await GatewayKit.start();
  ada = await kit.createUser();
});
afterAll(() => kit.stop());

const SEND = 'mutation ($input: CreateMessageInput!) { sendMessage(input: $input) { id content senderId status receiverId } }';

const receiverId = randomUUID();

function post(body: string, headers: Record<string, string> = { 'content-type': 'application/json' }): Promise<Response> {
  return fetch(kit.url, { method: 'POST', headers, body });
}

it('hello needs no token', async () => {
  expect(await kit.ask('{ hello }')).toMatchObject({ status: 200, data: { hello: expect.any(String) } });
});

it('sendMessage goes over the TCP transport, with the token of the current user', async () => {
  const answer = await kit.ask(SEND, { input: { receiverId, content: 'hi', conversationId: null } }, ada.token);
  expect(answer).toMatchObject({ status: 200, data: { sendMessage: { content: 'hi', senderId: ada.userId, receiverId, status: 'SENT' } } });
  expect(kit.services.calls.at(-1)).toMatchObject({
    method: 'RPC',
    body: { receiverId, content: 'hi' },
    userId: ada.userId,
    tokenType: 'at+jwt',
  });
  expect(kit.services.calls.at(-1)?.body).not.toHaveProperty('conversationId');
});

it('a document that is rejected before execution is answered with 400', async () => {
  expect(await kit.ask('{ nothingLikeThis }')).toMatchObject({
    status: 400,
    errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }],
  });
  expect(await kit.ask('{ hello')).toMatchObject({ status: 400, errors: [{ extensions: { code: 'GRAPHQL_PARSE_FAILED' } }] });
  expect(await kit.ask('subscription { notificationReceived { id } }', {}, ada.token)).toMatchObject({ status: 400 });
});

it('rejects operations by GET, batches, other content types and large bodies', async () => {
  const get = await fetch(`${kit.url}?query=${encodeURIComponent('{ hello }')}`, { headers: { accept: 'application/json' } });
  expect(get.status).toBe(405);
  const json = JSON.stringify({ query: '{ hello }' });
  for (const type of [
    'text/plain',
    'multipart/form-data; boundary=x',
    'application/x-www-form-urlencoded',
    'application/json; charset=utf-7',
  ])
    expect((await post(json, { 'content-type': type })).status, type).toBe(415);
  expect((await post(json, { 'content-type': 'application/json', 'content-encoding': 'gzip' })).status).toBe(415);
  for (const body of [`[${json},${json}]`, '{}', '{"query":1}']) {
    const answer = await post(body);
    expect(answer.status, body).toBe(400);
    expect(await answer.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
  }
  expect((await post(JSON.stringify({ query: `{ hello } #${'x'.repeat(300_000)}` }))).status).toBe(413);
  expect((await post('not json')).status).toBe(400);
});

it('passes on the code and text of an error of a service, and masks internal errors', async () => {
  const id = randomUUID();
  const query = `{ getConversation(conversationId: "${id}") { id } }`;
  expect(await kit.ask(query, {}, ada.token)).toMatchObject({
    status: 200,
    data: null,
    errors: [{ message: 'There is no such conversation.', extensions: { code: 'NOT_FOUND' } }],
  });
  kit.services.handlers.set(`GET /chat/conversations/${id}`, () => {
    throw new AppError('internal', 'x', 'select * from secrets');
  });
  const masked = await kit.ask(query, {}, ada.token, { 'x-correlation-id': 'trace-me' });
  expect(masked.errors[0]?.extensions).toEqual({ code: 'INTERNAL_SERVER_ERROR', requestId: 'trace-me' });
  expect(masked.text).not.toContain('secrets');
});

it('rejects expired and malformed tokens', async () => {
  const expired = await kit.services.tokens.issue({ userId: ada.userId, expiresInSeconds: -5 });
  for (const token of [expired, 'nonsense', `${ada.token}x`]) {
    const answer = await kit.ask('{ me { userId } }', {}, token);
    expect(answer).toMatchObject({ status: 200, errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
  }
});

it('while profile-service is unavailable, the other fields are answered, with one error', async () => {
  const conversation = kit.services.chat.addConversation([ada.userId, receiverId]);
  kit.services.unavailable.add('profiles');
  const query = `{ getConversation(conversationId: "${conversation.id}") { id members { userId profile { username } } } me { userId firstName lastName } }`;
  const answer = await kit.ask(query, {}, ada.token);
  kit.services.unavailable.delete('profiles');
  expect(answer.data.getConversation.members.map((m: any) => m.profile)).toEqual([null, null]);
  expect(answer.data.me).toEqual({ userId: ada.userId, firstName: null, lastName: null });
  const codes = answer.errors.map((error) => [error.path?.[0], error.extensions.code]);
  expect(codes.filter(([field]) => field === 'getConversation')).toEqual([['getConversation', 'UNAVAILABLE']]);
});

it('loads all profiles of a response with one call', async () => {
  const conversation = kit.services.chat.addConversation([ada.userId, receiverId]);
  const before = kit.services.callsOf('POST', '/profiles/bulk').length;
  const query = `{ getConversation(conversationId: "${conversation.id}") { members { profile { username } } } }`;
  const answer = await kit.ask(query, {}, ada.token);
  expect(answer.data.getConversation.members[0].profile.username).toBe(kit.services.users.profiles.get(ada.userId)?.username);
  expect(kit.services.callsOf('POST', '/profiles/bulk').length).toBe(before + 1);
});

it('serves the public keys of auth-service', async () => {
  const answer = await fetch(`${kit.gateway.url}/.well-known/jwks.json`);
  expect(await answer.json()).toEqual({ keys: [kit.services.tokens.publicJwk] });
});

it('CORS allows the listed origins and no others', async () => {
  const own = await GatewayKit.start({ CORS_ORIGINS: 'https://chat.example' });
  const preflight = (origin: string) =>
    fetch(own.url, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' },
    });
  try {
    expect((await preflight('https://chat.example')).headers.get('access-control-allow-origin')).toBe('https://chat.example');
    expect((await preflight('https://chat.example.evil')).headers.get('access-control-allow-origin')).toBeNull();
  } finally {
    await own.stop();
  }
});
