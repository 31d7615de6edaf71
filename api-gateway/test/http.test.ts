import { getIntrospectionQuery } from 'graphql';
import { randomUUID } from 'node:crypto';
import { AppError } from '@chat/shared/errors';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { emitSchema } from '../src/emit-schema.js';
import { PUBLIC_OPERATIONS, operationsExcept } from './kit/operations.js';
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

it('says hello to anybody', async () => {
  expect(await kit.ask('{ hello }')).toMatchObject({ status: 200, data: { hello: expect.any(String) } });
});

it('sends a message over the send port, with the token of the caller', async () => {
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

it('every query and mutation but the open ones needs a token', async () => {
  const operations = await operationsExcept(PUBLIC_OPERATIONS);
  expect(operations.length).toBeGreaterThan(20);
  const before = kit.services.calls.length;
  for (const { name, document } of operations) {
    const answer = await kit.ask(document);
    expect(answer, `${name} ${answer.text}`).toMatchObject({ status: 200, errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
  }
  expect(kit.services.calls.length).toBe(before);
});

it.each<[string, string, object]>([
  ['a malformed receiver', SEND, { input: { receiverId: 'nobody', content: 'x' } }],
  ['no content', SEND, { input: { receiverId } }],
  ['empty content', SEND, { input: { receiverId, content: '' } }],
  ['8,001 characters', SEND, { input: { receiverId, content: 'x'.repeat(8001) } }],
  ['half a surrogate pair', SEND, { input: { receiverId, content: 'x\ud83d' } }],
  ['a NUL', SEND, { input: { receiverId, content: 'x\0' } }],
  ['a clientMessageId of 65 characters', SEND, { input: { receiverId, content: 'x', clientMessageId: 'x'.repeat(65) } }],
  ['a number where text belongs', SEND, { input: { receiverId, content: 42 } }],
  ['a field that does not exist', SEND, { input: { receiverId, content: 'x', admin: true } }],
  ['page 0', '{ getConversations(page: 0) { total } }', {}],
  ['limit 101', '{ getConversations(limit: 101) { total } }', {}],
  ['a page that is no number', 'query ($page: Int!) { getConversations(page: $page) { total } }', { page: 'x' }],
  ['a page that is null', 'query ($page: Int) { getConversations(page: $page) { total } }', { page: null }],
  ['a malformed id in a list', 'query ($ids: [String!]!) { getProfiles(userIds: $ids) { id } }', { ids: [randomUUID(), 'x'] }],
  [
    '101 profiles',
    'query ($ids: [String!]!) { getProfiles(userIds: $ids) { id } }',
    { ids: Array.from({ length: 101 }, () => randomUUID()) },
  ],
  ['a malformed notification id', 'mutation { deleteNotification(notificationId: "1") }', {}],
  ['isPublic cleared', 'mutation { updateProfile(isPublic: null) { id } }', {}],
  ['a website that is none', 'mutation { updateProfile(website: "javascript:alert(1)") { id } }', {}],
])('%s is BAD_USER_INPUT before any service is asked', async (_name, query, variables) => {
  const before = kit.services.calls.length;
  const answer = await kit.ask(query, variables, ada.token);
  expect(answer.errors[0]?.extensions.code, answer.text).toBe('BAD_USER_INPUT');
  expect(answer.text).not.toMatch(/stack|node_modules|\.ts:/);
  expect(kit.services.calls.length).toBe(before);
});

it('updateProfile passes on what was given, and tells null from left out', async () => {
  kit.services.handlers.set('PATCH /profiles/me', () => kit.services.users.profiles.get(ada.userId));
  const answer = await kit.ask('mutation { updateProfile(bio: null, firstName: "", location: "Here") { id } }', {}, ada.token);
  expect(answer.errors).toEqual([]);
  expect(kit.services.callsOf('PATCH', '/profiles/me').at(-1)?.body).toEqual({ bio: null, firstName: '', location: 'Here' });
});

it('a document that is refused before execution is 400', async () => {
  expect(await kit.ask('{ nothingLikeThis }')).toMatchObject({
    status: 400,
    errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }],
  });
  expect(await kit.ask('{ hello')).toMatchObject({ status: 400, errors: [{ extensions: { code: 'GRAPHQL_PARSE_FAILED' } }] });
  expect(await kit.ask('subscription { notificationReceived { id } }', {}, ada.token)).toMatchObject({ status: 400 });
});

it('takes no operation by GET, no batch, no other content type, no large body', async () => {
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

it('keeps the code and text of what a service refuses, and masks what nobody foresaw', async () => {
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

it('refuses tokens that ran out, are foreign, or are its own internal ones', async () => {
  const expired = await kit.services.tokens.issue({ userId: ada.userId, expiresInSeconds: -5 });
  for (const token of [expired, 'nonsense', `${ada.token}x`]) {
    const answer = await kit.ask('{ me { userId } }', {}, token);
    expect(answer).toMatchObject({ status: 200, errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
  }
});

it('without the profile service the rest of an answer is there, with one error', async () => {
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

it('asks for all profiles of an answer in one call', async () => {
  const conversation = kit.services.chat.addConversation([ada.userId, receiverId]);
  const before = kit.services.callsOf('POST', '/profiles/bulk').length;
  const query = `{ getConversation(conversationId: "${conversation.id}") { members { profile { username } } } }`;
  const answer = await kit.ask(query, {}, ada.token);
  expect(answer.data.getConversation.members[0].profile.username).toBe(kit.services.users.profiles.get(ada.userId)?.username);
  expect(kit.services.callsOf('POST', '/profiles/bulk').length).toBe(before + 1);
});

it('passes the public keys of auth-service through', async () => {
  const answer = await fetch(`${kit.gateway.url}/.well-known/jwks.json`);
  expect(await answer.json()).toEqual({ keys: [kit.services.tokens.publicJwk] });
});

it('serves the playground to browsers, with everything it loads', async () => {
  const answer = await fetch(kit.url, { headers: { accept: 'text/html,application/xhtml+xml' } });
  expect(answer.status).toBe(200);
  const page = await answer.text();
  const assets = [...page.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path]) => path as string);
  expect(assets.length).toBeGreaterThan(4);
  for (const path of assets) expect((await fetch(kit.gateway.url + path)).status, path).toBe(200);
  expect(page).not.toMatch(/https?:\/\//);
});

it('redirects / to the playground, and has no such path without it', async () => {
  const home = await fetch(`${kit.gateway.url}/`, { redirect: 'manual' });
  expect([home.status, home.headers.get('location')]).toEqual([302, '/graphql']);
  const page = await fetch(`${kit.gateway.url}/`, { headers: { accept: 'text/html' } });
  expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  const withoutPlayground = await GatewayKit.start({ GRAPHQL_PLAYGROUND: 'false' });
  try {
    expect((await fetch(`${withoutPlayground.gateway.url}/`, { redirect: 'manual' })).status).toBe(404);
  } finally {
    await withoutPlayground.stop();
  }
});

it('a birth date reaches profile-service as it was written', async () => {
  kit.services.handlers.set('PATCH /profiles/me', () => ({ ...kit.services.users.profiles.get(ada.userId), birthDate: '1990-03-25' }));
  const answer = await kit.ask('mutation { updateProfile(birthDate: "1990-03-25") { birthDate } }', {}, ada.token);
  expect(answer).toMatchObject({ errors: [], data: { updateProfile: { birthDate: '1990-03-25' } } });
  expect(kit.services.callsOf('PATCH', '/profiles/me').at(-1)?.body).toEqual({ birthDate: '1990-03-25' });
});

const aliases = (count: number, field: string) => Array.from({ length: count }, (_, i) => `a${i}: ${field}`).join(' ');

it.each([
  ['endless', `{ ${'hello '.repeat(6000)} }`],
  ['nested without end', `{ getProfiles(userIds: ${'['.repeat(1900)} }`],
  ['a thousand aliases', `{ ${aliases(1000, 'me { userId firstName }')} }`],
  ['31 aliases', `mutation { ${aliases(31, 'login(input: { email: "a", password: "b" }) { accessToken }')} }`],
  [
    '31 aliases in fragments',
    `{ ...a ...b } fragment a on Query { ${aliases(16, 'hello')} } fragment b on Query { ... { b: hello ${aliases(15, 'hello').replaceAll('a', 'c')} } }`,
  ],
  ['501 fields', `{ getConversations { data { members { profile { ${aliases(497, 'bio')} } } } } }`],
  [
    'a few fragments that select very much',
    `{ ${aliases(30, 'getConversations { data { ...c } }')} } fragment c on Conversation { ${aliases(16, 'title')} }`,
  ],
  ['fragments in a circle', '{ ...a } fragment a on Query { hello ...b } fragment b on Query { ...a }'],
])('a document that is %s is refused before anything runs, over HTTP and sockets', async (_name, query) => {
  const before = kit.services.calls.length;
  expect(await kit.ask(query, {}, ada.token)).toMatchObject({
    status: 400,
    errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }],
  });
  const socket = kit.subscribe(ada.token, query);
  await socket.end();
  expect(socket.ended).toBe('GRAPHQL_VALIDATION_FAILED');
  expect(kit.services.calls.length).toBe(before);
});

it('the whole schema can be asked for', async () => {
  const introspection = getIntrospectionQuery({ inputValueDeprecation: true, oneOf: true, schemaDescription: true, specifiedByUrl: true });
  expect(await kit.ask(introspection)).toMatchObject({ status: 200, errors: [] });
});

it('browsers may call from the origins that are listed, and from no other', async () => {
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

it('the committed SDL is what the classes say', async () => {
  const { readFile } = await import('node:fs/promises');
  expect(await readFile(new URL('../schema.graphql', import.meta.url), 'utf8')).toBe(await emitSchema());
});

it('shows nothing of the schema to clients in production', async () => {
  const production = await GatewayKit.start({ NODE_ENV: 'production' });
  try {
    const wrong = await production.ask('{ getConversation { id } helo }');
    expect(wrong.status).toBe(400);
    expect(wrong.text).not.toContain('Did you mean');
    expect((await production.ask('{ __schema { types { name } } }')).status).toBe(400);
    expect((await fetch(production.url, { headers: { accept: 'text/html' } })).status).toBe(405);
    const socket = production.subscribe((await production.createUser()).token, 'subscription { event { cursor } }');
    await socket.end();
    expect(socket.ended).toBe('GRAPHQL_VALIDATION_FAILED');
  } finally {
    await production.stop();
  }
});
