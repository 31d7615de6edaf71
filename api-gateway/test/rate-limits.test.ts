import { AppError } from '@chat/shared/errors';
import { eventually } from '@chat/shared/testing';
import { randomInt, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GatewayKit } from './kit/gateway-kit.js';
import { RawSocket } from './kit/raw-socket.js';

/** Long windows: no test waits for the end of one. */
const LIMITS = {
  NODE_ENV: 'production',
  RATE_LIMIT_QUERIES: '10/1h',
  RATE_LIMIT_SEARCHES: '3/1h',
  RATE_LIMIT_USER_SEARCHES: '3/1h',
  RATE_LIMIT_GROUP_CHANGES: '3/1h',
  RATE_LIMIT_MESSAGE_CHANGES: '3/1h',
  RATE_LIMIT_SENDS: '4/1h',
  RATE_LIMIT_MUTATIONS: '6/1h',
  RATE_LIMIT_TYPING: '3/1h',
  RATE_LIMIT_SUBSCRIPTIONS: '8/1h',
  RATE_LIMIT_REPLAYS: '2/1h',
  RATE_LIMIT_ANONYMOUS: '5/1h',
  RATE_LIMIT_REJECTED: '3/1h',
  RATE_LIMIT_USERS_PER_ADDRESS: '2',
  TRUST_PROXY: '1',
};

let kit: GatewayKit;
beforeAll(async () => {
  kit = await GatewayKit.start(LIMITS);
});
afterAll(() => kit?.stop());

/** An address that no other test has. */
const someAddress = () => ({ 'x-forwarded-for': `10.${randomInt(256)}.${randomInt(256)}.${randomInt(256)}` });
const SEND = 'mutation ($input: CreateMessageInput!) { sendMessage(input: $input) { id } }';
const message = () => ({ input: { receiverId: randomUUID(), content: 'hi' } });
const HELLO = '{ hello }';
const hellos = (count: number) => `{ ${Array.from({ length: count }, (_, n) => `a${n}: hello`).join(' ')} }`;
const codes = (answer: { errors: { extensions: Record<string, any> }[] }) => answer.errors.map(({ extensions }) => extensions.code);

async function signedInSocket(token: string, headers: Record<string, string>): Promise<RawSocket> {
  return new RawSocket(kit.url.replace('http', 'ws'), 'graphql-transport-ws', headers).signIn(token);
}

/** How many of the queries are answered with data. */
async function grantedOf(count: number, token?: string, headers: Record<string, string> = someAddress(), gateway = kit): Promise<number> {
  let granted = 0;
  for (let n = 0; n < count; n++) if ((await gateway.ask(HELLO, {}, token, headers)).errors.length === 0) granted += 1;
  return granted;
}

it('an operation above the limit of a user is RATE_LIMITED with retryAfterSeconds, 429 and Retry-After', async () => {
  const { token } = await kit.createUser();
  const headers = someAddress();
  expect(await grantedOf(12, token, headers)).toBe(10);
  const response = await fetch(kit.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...headers },
    body: JSON.stringify({ query: HELLO }),
  });
  const { errors } = (await response.json()) as { errors: { extensions: { retryAfterSeconds: number } }[] };
  expect(response.status).toBe(429);
  expect(errors).toMatchObject([{ extensions: { code: 'RATE_LIMITED', retryAfterSeconds: expect.any(Number) } }]);
  expect(response.headers.get('retry-after')).toBe(String(errors[0]!.extensions.retryAfterSeconds));
  expect(errors[0]!.extensions.retryAfterSeconds).toBeGreaterThan(3000);
  expect(await grantedOf(1, (await kit.createUser()).token, headers)).toBe(1);
});

it('each root field takes a point, aliases and fragments included', async () => {
  const { token } = await kit.createUser();
  const headers = someAddress();
  const inFragments = '{ ...a } fragment a on Query { one: hello ... { two: hello } }';
  expect(codes(await kit.ask(hellos(11), {}, token, headers))).toEqual(['RATE_LIMITED']);
  expect(codes(await kit.ask(hellos(8), {}, token, headers))).toEqual([]);
  expect(codes(await kit.ask(inFragments, {}, token, headers))).toEqual([]);
  expect(codes(await kit.ask(HELLO, {}, token, headers))).toEqual(['RATE_LIMITED']);
});

it('clients without a known address have the limit of one address together', async () => {
  // Also those of other tests, within the hour of the limit.
  expect(await grantedOf(6, undefined, { 'x-forwarded-for': 'unknown' })).toBeLessThan(6);
  expect(await grantedOf(1, undefined, { 'x-forwarded-for': '-' })).toBe(0);
  expect(await grantedOf(1)).toBe(1);
});

it('each class has a limit of its own', async () => {
  const { token } = await kit.createUser();
  const headers = someAddress();
  expect(await grantedOf(11, token, headers)).toBe(10);
  for (let n = 0; n < 4; n++) expect(codes(await kit.ask(SEND, message(), token, headers))).toEqual([]);
  expect(codes(await kit.ask(SEND, message(), token, headers))).toEqual(['RATE_LIMITED']);
  const typing = `mutation { setTyping(conversationId: "${randomUUID()}", typing: true) }`;
  for (let n = 0; n < 3; n++) expect(codes(await kit.ask(typing, {}, token, headers))).toEqual(['NOT_FOUND']);
  expect(codes(await kit.ask(typing, {}, token, headers))).toEqual(['RATE_LIMITED']);
  expect(codes(await kit.ask('mutation { logout }', {}, token, headers))).toEqual([]);
});

it.each([
  ['messages', '{ searchMessages(query: "x") { nextCursor } }'],
  ['users', '{ searchUsers(query: "x") { userId } }'],
])('searches for %s have a limit of their own, and are queries, too', async (_, search) => {
  const { token } = await kit.createUser();
  const headers = someAddress();
  for (let n = 0; n < 3; n++) expect(codes(await kit.ask(search, {}, token, headers))).toEqual([]);
  expect(codes(await kit.ask(search, {}, token, headers))).toEqual(['RATE_LIMITED']);
  // That search took a point of the queries before it was refused.
  expect(await grantedOf(7, token, headers)).toBe(6);
});

it('edits, deletions and reactions have a limit of their own together, and are mutations, too', async () => {
  const { token } = await kit.createUser();
  const headers = someAddress();
  const id = randomUUID();
  const changes = [
    `addReaction(messageId: "${id}", emoji: "👍") { id }`,
    `removeReaction(messageId: "${id}", emoji: "👍") { id }`,
    `editMessage(messageId: "${id}", content: "x") { id }`,
    `deleteMessage(messageId: "${id}") { id }`,
  ];
  const change = async (mutation: string) => codes(await kit.ask(`mutation { ${mutation} }`, {}, token, headers));
  for (const mutation of changes.slice(0, 3)) expect(await change(mutation)).toEqual(['NOT_FOUND']);
  for (const mutation of changes.slice(1)) expect(await change(mutation)).toEqual(['RATE_LIMITED']);
  // Each has taken a point of the mutations; sends have their own.
  expect(await change('logout')).toEqual(['RATE_LIMITED']);
  expect(codes(await kit.ask(SEND, message(), token, headers))).toEqual([]);
});

it('changes of groups have a limit of their own, and are mutations, too', async () => {
  const { token } = await kit.createUser();
  const headers = someAddress();
  const leave = `mutation { leaveConversation(conversationId: "${randomUUID()}") }`;
  const refused = async () => codes(await kit.ask(leave, {}, token, headers)).includes('RATE_LIMITED');
  for (let n = 0; n < 3; n++) expect(await refused()).toBe(false);
  expect(await refused()).toBe(true);
  // That change took a point of the mutations before it was refused.
  const read = `mutation { markNotificationAsRead(notificationId: "${randomUUID()}") { id } }`;
  const answers: string[] = [];
  for (let n = 0; n < 3; n++) answers.push(...codes(await kit.ask(read, {}, token, headers)));
  expect(answers.filter((code) => code === 'RATE_LIMITED')).toHaveLength(1);
});

it('the operations of a socket and those over HTTP count together', async () => {
  const { token } = await kit.createUser();
  const headers = someAddress();
  const socket = await signedInSocket(token, headers);
  for (let n = 0; n < 3; n++) socket.subscribe(`${n}`, SEND, message());
  await eventually(() => [0, 1, 2].every((n) => socket.messagesOf(`${n}`).some(({ type }) => type === 'complete')));
  expect(codes(await kit.ask(SEND, message(), token, headers))).toEqual([]);
  expect(codes(await kit.ask(SEND, message(), token, headers))).toEqual(['RATE_LIMITED']);
  socket.subscribe('refused', SEND, message());
  await eventually(() => socket.messagesOf('refused').length > 0);
  expect(socket.messagesOf('refused')).toMatchObject([
    { type: 'error', payload: [{ extensions: { code: 'RATE_LIMITED', retryAfterSeconds: expect.any(Number) } }] },
  ]);
  expect(socket.ws.readyState).toBe(1);
  socket.ws.close();
});

it('subscriptions have a limit, and replays of events a lower one', async () => {
  const { token } = await kit.createUser();
  const socket = await signedInSocket(token, someAddress());
  const firstAnswerTo = async (id: string, query: string, variables: object = {}) => {
    socket.subscribe(id, query, variables);
    const first = await eventually(() => socket.messagesOf(id)[0] ?? false);
    return first.type === 'error' ? first.payload[0].extensions.code : 'open';
  };
  const events = 'subscription ($after: String) { events(after: $after) { cursor } }';
  expect(await firstAnswerTo('1', events)).toBe('open');
  const cursor = socket.messagesOf('1')[0].payload.data.events.cursor;
  expect(await firstAnswerTo('2', events, { after: cursor })).toBe('open');
  expect(await firstAnswerTo('3', `subscription { events(after: "${cursor}") { cursor } }`)).toBe('open');
  expect(await firstAnswerTo('4', events, { after: cursor })).toBe('RATE_LIMITED');
  expect(await firstAnswerTo('5', `subscription ($after: String = "${cursor}") { events(after: $after) { cursor } }`)).toBe('RATE_LIMITED');
  expect(await firstAnswerTo('6', events, { after: null })).toBe('open');
  socket.ws.close();
});

it('operations without a valid token count by address, signed-in users of the address do not suffer', async () => {
  const headers = someAddress();
  const { token } = await kit.createUser();
  expect(await grantedOf(7, undefined, headers)).toBe(5);
  expect(await grantedOf(1, 'not-a-token', headers)).toBe(0);
  expect(await grantedOf(1, token, headers)).toBe(1);
  expect(await grantedOf(1)).toBe(1);
});

it('all users of an address together have the limit of several users', async () => {
  const headers = someAddress();
  const granted = [];
  for (let n = 0; n < 3; n++) granted.push(await grantedOf(11, (await kit.createUser()).token, headers));
  expect(granted).toEqual([10, 10, 0]);
});

it('documents that are rejected have a limit per address, above which none is parsed; with a token per user', async () => {
  const headers = someAddress();
  const outcomes = [];
  for (const query of ['{', '{ nothingLikeThis }', hellos(31), '{', HELLO])
    outcomes.push(...codes(await kit.ask(query, {}, undefined, headers)));
  expect(outcomes).toEqual([
    'GRAPHQL_PARSE_FAILED',
    'GRAPHQL_VALIDATION_FAILED',
    'GRAPHQL_VALIDATION_FAILED',
    'RATE_LIMITED',
    'RATE_LIMITED',
  ]);
  const [one, two] = [await kit.createUser(), await kit.createUser()];
  const socket = await signedInSocket(one.token, headers);
  for (let n = 0; n < 4; n++) socket.subscribe(`${n}`, `{ a${n}`);
  await eventually(() => socket.messagesOf('3').length > 0);
  expect([0, 3].map((n) => socket.messagesOf(`${n}`)[0].payload[0].extensions.code)).toEqual(['GRAPHQL_PARSE_FAILED', 'RATE_LIMITED']);
  expect(await grantedOf(1, one.token, headers)).toBe(0);
  expect(await grantedOf(1, two.token, headers)).toBe(1);
  socket.ws.close();
});

it('the REST paths of the gateway are limited per address', async () => {
  const headers = someAddress();
  const open = (path: string) => fetch(kit.gateway.url + path, { headers, redirect: 'manual' });
  for (let n = 0; n < 5; n++) expect((await open('/.well-known/jwks.json')).status).toBe(200);
  for (const path of ['/.well-known/jwks.json', '/auth/google', '/auth/callback']) {
    const answer = await open(path);
    expect(answer.status).toBe(429);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    const problem = (await answer.json()) as { code: string; retryAfterSeconds: number };
    expect(problem.code).toBe('RATE_LIMITED');
    expect(answer.headers.get('retry-after')).toBe(String(problem.retryAfterSeconds));
  }
});

it('two gateways grant a limit together, but for the quarter that a gateway grants without asking', async () => {
  const other = await GatewayKit.start(LIMITS);
  try {
    const { token, userId, sessionId } = await kit.createUser();
    const otherToken = await other.services.tokens.issue({ userId, sessionId });
    expect(await grantedOf(10, token)).toBe(10);
    let granted = 0;
    await eventually(async () => {
      const isGranted = (await grantedOf(1, otherToken, someAddress(), other)) === 1;
      if (isGranted) granted += 1;
      return !isGranted;
    });
    expect(granted).toBeLessThanOrEqual(4);
  } finally {
    await other.stop();
  }
});

it('RATE_LIMITED of a service reaches the client with retryAfterSeconds, over HTTP with Retry-After', async () => {
  const { token } = await kit.createUser();
  const headers = someAddress();
  kit.services.handlers.set('GET /presence/me', () => undefined);
  kit.services.handlers.set('POST /presence/heartbeat', () => {
    throw new AppError('rate-limited', 'presence/too-many', 'Too many.', { details: { retryAfterSeconds: 17 } });
  });
  const answer = await fetch(kit.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...headers },
    body: JSON.stringify({ query: 'mutation { heartbeat { status } }' }),
  });
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([200, '17']);
  expect(await answer.json()).toMatchObject({ errors: [{ extensions: { code: 'RATE_LIMITED', retryAfterSeconds: 17 } }] });
  const socket = await signedInSocket(token, headers);
  socket.subscribe('1', 'mutation { heartbeat { status } }');
  await eventually(() => socket.messagesOf('1').length > 0);
  expect(socket.messagesOf('1')[0].payload.errors).toMatchObject([{ extensions: { code: 'RATE_LIMITED', retryAfterSeconds: 17 } }]);
  socket.ws.close();
});
