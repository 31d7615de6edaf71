import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { gateway } from './kit/gateway.ts';
import { expectNothingLeaks } from './kit/leaks.ts';
import { newAccount, TestUser, SEND } from '@chat/testkit/user';

const client = gateway();
let ada: TestUser;
let ben: TestUser;
let eve: TestUser;
let conversationId: string;

beforeAll(async () => {
  [ada, ben, eve] = (await Promise.all(['ada', 'ben', 'eve'].map((n) => TestUser.register(client, n)))) as [TestUser, TestUser, TestUser];
  ({ conversationId } = await ada.sendTo(ben.userId, 'first'));
});
afterAll(() => client.close());

const GET_CONVERSATION = 'query ($id: ID!) { getConversation(conversationId: $id) { id } }';
const GET_MESSAGES =
  'query ($id: String!, $page: Int, $limit: Int) { getMessages(conversationId: $id, page: $page, limit: $limit) { total } }';

it.each<[string, () => { query: string; variables: Record<string, unknown> }, string]>([
  ['a malformed receiver', () => ({ query: SEND, variables: { input: { receiverId: 'no-id', content: 'x' } } }), 'BAD_USER_INPUT'],
  ['a malformed conversation id', () => ({ query: GET_CONVERSATION, variables: { id: "1' or '1'='1" } }), 'BAD_USER_INPUT'],
  [
    'a malformed id in a list',
    () => ({ query: 'query ($ids: [String!]!) { getProfiles(userIds: $ids) { id } }', variables: { ids: [ada.userId, 'x'] } }),
    'BAD_USER_INPUT',
  ],
  ['empty content', () => ({ query: SEND, variables: { input: { receiverId: ben.userId, content: '' } } }), 'BAD_USER_INPUT'],
  ['no content', () => ({ query: SEND, variables: { input: { receiverId: ben.userId } } }), 'BAD_USER_INPUT'],
  [
    'white space alone',
    () => ({ query: SEND, variables: { input: { receiverId: ben.userId, content: ' \n\t\u200b\u2060 ' } } }),
    'BAD_USER_INPUT',
  ],
  ['a lone surrogate', () => ({ query: SEND, variables: { input: { receiverId: ben.userId, content: 'x\ud83d' } } }), 'BAD_USER_INPUT'],
  ['a NUL', () => ({ query: SEND, variables: { input: { receiverId: ben.userId, content: 'x\u0000' } } }), 'BAD_USER_INPUT'],
  [
    '8,001 characters',
    () => ({ query: SEND, variables: { input: { receiverId: ben.userId, content: 'x'.repeat(8001) } } }),
    'BAD_USER_INPUT',
  ],
  ['an unknown receiver', () => ({ query: SEND, variables: { input: { receiverId: randomUUID(), content: 'x' } } }), 'NOT_FOUND'],
  ['oneself', () => ({ query: SEND, variables: { input: { receiverId: ada.userId, content: 'x' } } }), 'BAD_USER_INPUT'],
  ['no one', () => ({ query: SEND, variables: { input: { content: 'x' } } }), 'BAD_USER_INPUT'],
  [
    'a receiver who is not in the conversation',
    () => ({ query: SEND, variables: { input: { receiverId: eve.userId, conversationId, content: 'x' } } }),
    'BAD_USER_INPUT',
  ],
  [
    'a clientMessageId of 65 characters',
    () => ({ query: SEND, variables: { input: { receiverId: ben.userId, content: 'x', clientMessageId: 'x'.repeat(65) } } }),
    'BAD_USER_INPUT',
  ],
  ['page 0', () => ({ query: GET_MESSAGES, variables: { id: conversationId, page: 0 } }), 'BAD_USER_INPUT'],
  ['limit 101', () => ({ query: GET_MESSAGES, variables: { id: conversationId, limit: 101 } }), 'BAD_USER_INPUT'],
  ['limit 0', () => ({ query: '{ getConversations(limit: 0) { total } }', variables: {} }), 'BAD_USER_INPUT'],
  [
    'two seqs',
    () => ({
      query: 'query ($id: String!) { getMessages(conversationId: $id, beforeSeq: 3, afterSeq: 1) { total } }',
      variables: { id: conversationId },
    }),
    'BAD_USER_INPUT',
  ],
  ['a number where text belongs', () => ({ query: SEND, variables: { input: { receiverId: ben.userId, content: 42 } } }), 'BAD_USER_INPUT'],
  [
    'a field that does not exist',
    () => ({ query: SEND, variables: { input: { receiverId: ben.userId, content: 'x', admin: true } } }),
    'BAD_USER_INPUT',
  ],
  ['isPublic cleared', () => ({ query: 'mutation { updateProfile(isPublic: null) { id } }', variables: {} }), 'BAD_USER_INPUT'],
  [
    'a website that is none',
    () => ({ query: 'mutation { updateProfile(website: "javascript:alert(1)") { id } }', variables: {} }),
    'BAD_USER_INPUT',
  ],
])('%s gets its code and stores nothing', async (_name, make, code) => {
  const { query, variables } = make();
  const answer = await ada.ask(query, variables);
  expect(answer.errors[0], answer.text).toMatchObject({ code });
  expectNothingLeaks(answer.text);
  const stored = (await ben.mustAsk(GET_MESSAGES, { id: conversationId })).getMessages;
  expect(stored.total).toBe(1);
});

it('rejects the same clientMessageId with another body', async () => {
  const cat = await TestUser.register(client, 'cat');
  const key = randomUUID();
  await cat.sendTo(eve.userId, 'as written', key);
  const answer = await cat.ask(SEND, { input: { receiverId: eve.userId, content: 'as rewritten', clientMessageId: key } });
  expect(answer.errors[0]?.code).toBe('CONFLICT');
});

it('compares e-mail address and user name without case, and the whole password', async () => {
  const REGISTER = 'mutation ($input: RegisterInput!) { register(input: $input) { user { userId } } }';
  const LOGIN = 'mutation ($input: LoginInput!) { login(input: $input) { user { userId } } }';
  const account = newAccount('Zoe');
  const password = 'p'.repeat(72);
  await client.mustAsk(REGISTER, { input: { ...account, password: `${password}A` } });
  const sameMail = await client.ask(REGISTER, { input: { ...newAccount(), email: account.email.toUpperCase() } });
  const sameName = await client.ask(REGISTER, { input: { ...newAccount(), username: account.username.toUpperCase() } });
  expect([sameMail.errors[0]?.code, sameName.errors[0]?.code]).toEqual(['CONFLICT', 'CONFLICT']);
  const wrong = await client.ask(LOGIN, { input: { email: account.email, password: `${password}B` } });
  expect(wrong.errors[0]?.code).toBe('UNAUTHENTICATED');
  await client.mustAsk(LOGIN, { input: { email: account.email.toUpperCase(), password: `${password}A` } });
  for (const bad of [
    { email: 'no address' },
    { email: 'ada@\ud800.example.test' },
    { username: 'x' },
    { username: 'with space' },
    { password: 'short' },
  ]) {
    const answer = await client.ask(REGISTER, { input: { ...newAccount(), ...bad } });
    expect(answer.errors[0]?.code, JSON.stringify(bad)).toBe('BAD_USER_INPUT');
  }
});

it('rejects operations by GET, batches and other content types', async () => {
  const url = client.url;
  const json = { 'content-type': 'application/json' };
  const get = await fetch(`${url}?query=${encodeURIComponent('{ hello }')}`, { headers: { accept: 'application/json' } });
  expect(get.status).toBeGreaterThanOrEqual(400);
  const batch = await fetch(url, { method: 'POST', headers: json, body: JSON.stringify([{ query: '{ hello }' }, { query: '{ hello }' }]) });
  expect(batch.status).toBe(400);
  const form = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'text/plain' },
    body: JSON.stringify({ query: '{ hello }' }),
  });
  expect(form.status).toBeGreaterThanOrEqual(400);
  const large = await fetch(url, { method: 'POST', headers: json, body: JSON.stringify({ query: `{ hello } #${'x'.repeat(1_000_000)}` }) });
  expect(large.status).toBe(413);
  for (const answer of [get, batch, form, large]) expectNothingLeaks(await answer.text());
  expect((await client.ask('{ nothingLikeThis }')).status).toBe(400);
});
