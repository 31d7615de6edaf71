import { getIntrospectionQuery } from 'graphql';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { emitSchema } from '../src/emit-schema.js';
import { GatewayKit } from './kit/gateway-kit.js';
import { operationsExcept, PUBLIC_OPERATIONS } from './kit/operations.js';

let kit: GatewayKit;
let ada: Awaited<ReturnType<GatewayKit['createUser']>>;
beforeAll(async () => {
  kit = await GatewayKit.start();
  ada = await kit.createUser();
});
afterAll(() => kit?.stop());

it('every query and mutation that is not public needs a token', async () => {
  const operations = await operationsExcept(PUBLIC_OPERATIONS);
  expect(operations.length).toBeGreaterThan(20);
  const before = kit.services.calls.length;
  for (const { name, document } of operations) {
    const answer = await kit.ask(document);
    expect(answer, `${name} ${answer.text}`).toMatchObject({ status: 200, errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
  }
  expect(kit.services.calls.length).toBe(before);
});

const aliases = (count: number, field: string) => Array.from({ length: count }, (_, i) => `a${i}: ${field}`).join(' ');

it.each([
  ['too long', `{ ${'hello '.repeat(6000)} }`],
  ['nested too deeply', `{ getProfiles(userIds: ${'['.repeat(1900)} }`],
  ['a list of 1,000 aliases', `{ ${aliases(1000, 'me { userId firstName }')} }`],
  ['a list of 31 aliases at the root', `mutation { ${aliases(31, 'login(input: { email: "a", password: "b" }) { accessToken }')} }`],
  [
    'a list of 31 root fields in fragments',
    `{ ...a ...b } fragment a on Query { ${aliases(16, 'hello')} } fragment b on Query { ... { b: hello ${aliases(15, 'hello').replaceAll('a', 'c')} } }`,
  ],
  ['a selection of 501 fields', `{ getConversations { data { members { profile { ${aliases(497, 'bio')} } } } } }`],
  [
    'a few fragments that select many fields',
    `{ ${aliases(30, 'getConversations { data { ...c } }')} } fragment c on Conversation { ${aliases(16, 'title')} }`,
  ],
  ['a cycle of fragments', '{ ...a } fragment a on Query { hello ...b } fragment b on Query { ...a }'],
])('a document that is %s is rejected before execution, over HTTP and sockets', async (_name, query) => {
  // The session of the socket before may be checked meanwhile.
  const calls = () => kit.services.calls.filter(({ path }) => path !== '/auth/sessions/check').length;
  const before = calls();
  expect(await kit.ask(query, {}, ada.token)).toMatchObject({
    status: 400,
    errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }],
  });
  const socket = kit.subscribe(ada.token, query);
  await socket.end();
  expect(socket.ended).toBe('GRAPHQL_VALIDATION_FAILED');
  expect(calls()).toBe(before);
});

it('the full introspection query is within the limits', async () => {
  const introspection = getIntrospectionQuery({ inputValueDeprecation: true, oneOf: true, schemaDescription: true, specifiedByUrl: true });
  expect(await kit.ask(introspection)).toMatchObject({ status: 200, errors: [] });
});

it('the committed SDL is up to date', async () => {
  expect(await readFile(new URL('../schema.graphql', import.meta.url), 'utf8')).toBe(await emitSchema());
});

it('does not reveal the schema in production', async () => {
  const production = await GatewayKit.start({ NODE_ENV: 'production', RATE_LIMIT_SCALE: '100' });
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
