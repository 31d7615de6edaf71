import { eventually } from '@chat/shared/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GatewayKit } from './kit/gateway-kit.js';
import { RawSocket } from './kit/raw-socket.js';

let kit: GatewayKit;
let ada: Awaited<ReturnType<GatewayKit['createUser']>>;
beforeAll(async () => {
  kit = await GatewayKit.start();
  ada = await kit.createUser();
});
afterAll(() => kit?.stop());

const LOGIN = 'mutation ($input: LoginInput!) { login(input: $input) { accessToken } }';
const unknownFields = (length: number) =>
  Object.fromEntries(Array.from({ length: 400 }, (_, n) => [`field${n}`.padEnd(length / 400 - 10, 'x'), n]));
const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
const DEEP = '"deep"';

/** Operations with much text of the client, and the code of their errors. Each is made for the length that the way allows. */
const CASES: [string, (length: number) => { query: string; variables?: object }, string][] = [
  ['a value', (length) => ({ query: LOGIN, variables: { input: ['x'.repeat(length)] } }), 'BAD_USER_INPUT'],
  [
    'a text with suggestions',
    (length) => ({ query: LOGIN, variables: { input: { email: [' Did you mean '.repeat(length / 14)] } } }),
    'BAD_USER_INPUT',
  ],
  ['many unknown fields', (length) => ({ query: LOGIN, variables: { input: unknownFields(length) } }), 'BAD_USER_INPUT'],
  [
    'a list of wrong items',
    (length) => ({
      query: 'query ($ids: [String!]!) { getProfiles(userIds: $ids) { id } }',
      variables: { ids: Array.from({ length: length / 3 }, () => 1) },
    }),
    'BAD_USER_INPUT',
  ],
  ['a name in the document', (length) => ({ query: `{ ${'x'.repeat(Math.min(length, 60_000))} }` }), 'GRAPHQL_VALIDATION_FAILED'],
  ['an alias', (length) => ({ query: `{ ${'x'.repeat(Math.min(length, 60_000))}: hello }` }), 'GRAPHQL_VALIDATION_FAILED'],
  [
    'many unknown names',
    () => ({ query: `{ hello ${Array.from({ length: 25 }, (_, n) => `x${n}`.padEnd(90, 'x')).join(' ')} }` }),
    'GRAPHQL_VALIDATION_FAILED',
  ],
  ['a syntax error', (length) => ({ query: `{ hello } ${'x'.repeat(Math.min(length, 60_000))}` }), 'GRAPHQL_PARSE_FAILED'],
  ['an unterminated string', (length) => ({ query: `{ hello(a: "${'x'.repeat(Math.min(length, 60_000))}` }), 'GRAPHQL_PARSE_FAILED'],
  ['a name of an operation', (length) => ({ query: '{ hello }', operationName: 'x'.repeat(length) }), 'OPERATION_RESOLUTION_FAILURE'],
  ['a deep list', () => ({ query: LOGIN, variables: { input: { email: 'deep' } } }), 'BAD_USER_INPUT'],
];
const MAX_ANSWER_BYTES = 4096;
/** JSON.stringify does not write deep lists. */
const textOf = (request: object) => JSON.stringify(request).replace(DEEP, nested(15_000));

it.each(CASES)('the answer to bad input is short, over HTTP: %s', async (_name, requestOf, code) => {
  const response = await fetch(kit.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${ada.token}` },
    body: textOf(requestOf(240_000)),
  });
  const text = await response.text();
  expect(text.length).toBeLessThan(MAX_ANSWER_BYTES);
  expect(text).toContain(code);
  expect(text).not.toContain('INTERNAL_SERVER_ERROR');
});

it.each(CASES)('the answer to bad input is short, on a socket: %s', async (_name, requestOf, code) => {
  const socket = await new RawSocket(kit.url.replace('http', 'ws')).signIn(ada.token);
  socket.send(textOf({ id: '1', type: 'subscribe', payload: requestOf(60_000) }));
  await eventually(() => socket.messagesOf('1').length > 0);
  const text = JSON.stringify(socket.messagesOf('1')[0]);
  expect(text.length).toBeLessThan(MAX_ANSWER_BYTES);
  expect(text).toContain(code);
  socket.ws.close();
});

it('JSON that is nested 100,000 deep is bad input', async () => {
  const body = `{"query":"{ hello }","variables":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
  const answer = await fetch(kit.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ code: 'BAD_USER_INPUT' });
});

it('the limits of a document are checked before the rules of GraphQL', async () => {
  const conflicting = Array.from({ length: 31 }, () => 'a: hello a: me { id }').join(' ');
  for (const query of [`{ ${conflicting} }`, `query ($x: Nothing) { ${'nothing { '.repeat(10)} id ${'}'.repeat(11)}`]) {
    const { status, errors } = await kit.ask(query, {}, ada.token);
    expect([status, errors.length]).toEqual([400, 1]);
    expect(errors[0]).toMatchObject({
      message: expect.stringMatching(/at most (30|10)/),
      extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
    });
  }
});
