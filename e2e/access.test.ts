import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { gateway } from './kit/gateway.ts';
import { expectNothingLeaks } from './kit/leaks.ts';
import { TestUser, SEND } from '@chat/testkit/user';
import { Subscription } from '@chat/testkit/subscription';

const client = gateway();
let ada: TestUser;
let ben: TestUser;
let eve: TestUser;
let conversationId: string;
let messageId: string;

beforeAll(async () => {
  [ada, ben, eve] = (await Promise.all(['ada', 'ben', 'eve'].map((n) => TestUser.register(client, n)))) as [TestUser, TestUser, TestUser];
  ({ conversationId, id: messageId } = await ada.sendTo(ben.userId, 'first'));
});
afterAll(() => client.close());

const GET_CONVERSATION = 'query ($id: ID!) { getConversation(conversationId: $id) { id } }';
const GET_MESSAGES =
  'query ($id: String!, $page: Int, $limit: Int) { getMessages(conversationId: $id, page: $page, limit: $limit) { total } }';

it('answers NOT_FOUND for a conversation of other users', async () => {
  const answers = await Promise.all([
    eve.ask(GET_CONVERSATION, { id: conversationId }),
    eve.ask(GET_CONVERSATION, { id: randomUUID() }),
    eve.ask(GET_MESSAGES, { id: conversationId }),
    eve.ask('query ($id: ID!) { getMessage(messageId: $id) { id } }', { id: messageId }),
    eve.ask('mutation ($id: String!) { markMessageAsRead(messageId: $id) { id } }', { id: messageId }),
    eve.ask('mutation ($id: ID!) { markConversationAsRead(conversationId: $id, seq: 1) { id } }', { id: conversationId }),
    eve.ask(SEND, { input: { conversationId, content: 'let me in' } }),
  ]);
  expect(answers.map((a) => a.errors[0]?.code)).toEqual(Array.from({ length: 7 }, () => 'NOT_FOUND'));
  expect(answers[0]?.errors[0]?.message).toBe(answers[1]?.errors[0]?.message);
});

function forge(header: object, claims: object, signature: (input: string) => string): string {
  const part = (o: object) => Buffer.from(JSON.stringify(o)).toString('base64url');
  const input = `${part(header)}.${part(claims)}`;
  return `${input}.${signature(input)}`;
}

it('rejects missing, forged and expired tokens over HTTP and WebSocket', async () => {
  const [head = '', body = '', signature = ''] = ada.accessToken.split('.');
  const header = JSON.parse(Buffer.from(head, 'base64url').toString());
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString());
  const foreign = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const es256 = (input: string) => sign('sha256', Buffer.from(input), { key: foreign, dsaEncoding: 'ieee-p1363' }).toString('base64url');
  const otherClaims = Buffer.from(JSON.stringify({ ...claims, sub: ben.userId })).toString('base64url');
  const bad: [string, string | undefined][] = [
    ['missing', undefined],
    ['nonsense', 'nonsense'],
    ['none', forge({ ...header, alg: 'none' }, claims, () => '')],
    ['foreign key', forge(header, claims, es256)],
    ['other subject', `${head}.${otherClaims}.${signature}`],
    ['expired', forge(header, { ...claims, exp: 1 }, es256)],
    ['refresh token', ada.refreshToken],
  ];
  for (const [name, token] of bad) {
    const answer = await client.ask('{ me { userId } }', {}, token);
    expect(answer.errors[0]?.code, name).toBe('UNAUTHENTICATED');
    expectNothingLeaks(answer.text);
    const ended = await new Promise<string>((resolve) => {
      void new Subscription({ wsUrl: ada.wsUrl, token: token ?? null, query: 'subscription { messageReceived { id } }', onEnd: resolve });
    });
    expect(ended, name).toContain('4403');
  }
});
