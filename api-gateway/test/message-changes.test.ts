import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { GatewayKit, type UserWithToken } from './kit/gateway-kit.js';
import { randomUUID } from 'node:crypto';
import type { Call } from './kit/fake-http-server.js';

let kit: GatewayKit;
let ada: UserWithToken;
const id = randomUUID();
beforeAll(async () => {
  kit = await GatewayKit.start();
});
afterAll(() => kit?.stop());
beforeEach(async () => {
  ({ ada } = await kit.createConversation());
});

const MESSAGE = {
  id,
  conversationId: randomUUID(),
  seq: 1,
  senderId: randomUUID(),
  receiverId: null,
  content: 'x',
  replyToId: null,
  mentions: [],
};
const REACTIONS = [{ emoji: '👍🏽', count: 2, userIds: [randomUUID(), randomUUID()] }];
const stored = () => ({
  ...MESSAGE,
  reactions: REACTIONS,
  clientMessageId: null,
  status: 'SENT',
  createdAt: '2026-01-01T00:00:00.000Z',
  editedAt: '2026-01-02T00:00:00.000Z',
  deletedAt: null,
  readAt: null,
});
const FIELDS = '{ id content editedAt deletedAt mentions replyTo { id } reactions { emoji count userIds } }';
const shown = {
  id,
  content: 'x',
  editedAt: '2026-01-02T00:00:00.000Z',
  deletedAt: null,
  mentions: [],
  replyTo: null,
  reactions: REACTIONS,
};

describe('a change of a message is one call of chat-service, with the token of the user', () => {
  const of = `messageId: "${id}"`;
  const emoji = '👍🏽';
  it.each([
    ['editMessage', `(${of}, content: "new")`, 'PATCH', `/chat/messages/${id}`, { content: 'new' }, null],
    ['deleteMessage', `(${of})`, 'DELETE', `/chat/messages/${id}`, undefined, null],
    ['addReaction', `(${of}, emoji: "${emoji}")`, 'POST', `/chat/messages/${id}/reactions`, { emoji }, null],
    ['removeReaction', `(${of}, emoji: "${emoji}")`, 'DELETE', `/chat/messages/${id}/reactions`, undefined, emoji],
  ])('%s', async (name, args, method, path, body, emojiInQuery) => {
    const calls: Call[] = [];
    kit.services.handlers.set(`${method} ${path}`, (call) => {
      calls.push(call);
      return stored();
    });
    const answer = await kit.ask(`mutation { ${name}${args} ${FIELDS} }`, {}, ada.token);
    kit.services.handlers.delete(`${method} ${path}`);
    expect(answer).toMatchObject({ errors: [], data: { [name]: shown } });
    expect(calls.map((call) => ({ userId: call.userId, body: call.body, emoji: call.query.get('emoji') }))).toEqual([
      { userId: ada.userId, body, emoji: emojiInQuery },
    ]);
  });
});

it.each([
  ['editMessage', '(messageId: "x", content: "y")'],
  ['editMessage', `(messageId: "${id}", content: "\\u0000")`],
  ['editMessage', `(messageId: "${id}", content: "${'x'.repeat(8001)}")`],
  ['editMessage', `(messageId: "${id}", content: "a\\u0000b")`],
  ['addReaction', `(messageId: "${id}", emoji: "\\ud83d")`],
  ['removeReaction', `(messageId: "${id}", emoji: "")`],
  ['deleteMessage', '(messageId: "x")'],
  ['sendMessage', `(input: { conversationId: "${id}", content: "x", replyToId: "y" })`],
  ['sendMessage', `(input: { conversationId: "${id}", content: "x", mentions: ["${id}", "y"] })`],
])('%s%s is BAD_USER_INPUT, and no service is called', async (name, args) => {
  const before = kit.services.calls.length;
  const answer = await kit.ask(`mutation { ${name}${args} { id } }`, {}, ada.token);
  expect(answer.errors[0]!.extensions['code']).toMatch(/^(BAD_USER_INPUT|GRAPHQL_PARSE_FAILED)$/);
  expect(kit.services.calls.length).toBe(before);
});

it('sendMessage passes the reply and the mentions on', async () => {
  const [replyToId, member] = [randomUUID(), randomUUID()];
  const input = { conversationId: randomUUID(), content: 'x', replyToId, mentions: [member] };
  const mutation = 'mutation ($input: CreateMessageInput!) { sendMessage(input: $input) { content mentions } }';
  expect(await kit.ask(mutation, { input }, ada.token)).toMatchObject({ data: { sendMessage: { content: 'x', mentions: [member] } } });
  expect(kit.services.callsOf('RPC', '').at(-1)!.body).toEqual(input);
});
