import { eventually } from '@chat/shared/testing';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GatewayKit } from './kit/gateway-kit.js';

let kit: GatewayKit;
beforeAll(async () => {
  kit = await GatewayKit.start();
});
afterAll(() => kit?.stop());

const SEARCH = `query ($query: String!, $conversationId: ID, $senderId: ID, $limit: Int! = 20, $after: String) {
  searchMessages(query: $query, conversationId: $conversationId, senderId: $senderId, limit: $limit, after: $after) {
    data { content senderId sender { userId } status }
    nextCursor
  }
}`;

it('a search is one request to chat-service, and its messages are messages like others', async () => {
  const { userId, token } = await kit.createUser();
  const before = kit.services.chat.searches.length;
  const filters = { conversationId: randomUUID(), senderId: userId, limit: 3 };
  const first = await kit.ask(SEARCH, { query: '天気 %_', ...filters, after: null }, token);
  expect(first).toMatchObject({
    errors: [],
    data: {
      searchMessages: { data: [{ content: 'found by 天気 %_', senderId: userId, sender: { userId }, status: 'SENT' }], nextCursor: 'next' },
    },
  });
  const second = await kit.ask(SEARCH, { query: 'x', after: 'next' }, token);
  expect(second.data.searchMessages.nextCursor).toBeNull();
  expect(kit.services.chat.searches.slice(before)).toEqual([
    { query: '天気 %_', ...filters },
    { query: 'x', limit: 20, after: 'next' },
  ]);
});

it('bad arguments are BAD_USER_INPUT, and a user that is not signed in is UNAUTHENTICATED', async () => {
  const { token } = await kit.createUser();
  const bad = [{ query: '' }, { query: 'x'.repeat(101) }, { query: 'a\0' }, { query: '\ud800' }];
  const others = [{ limit: 0 }, { limit: 101 }, { conversationId: 'x' }, { senderId: 'x' }, { after: 'x'.repeat(101) }];
  for (const variables of [...bad, ...others.map((other) => ({ query: 'x', ...other }))]) {
    const { errors } = await kit.ask(SEARCH, variables, token);
    expect(errors, JSON.stringify(variables)).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  }
  expect((await kit.ask(SEARCH, { query: 'x' })).errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
});

it('of one user one search runs at a time, and those of other users do not wait for it', async () => {
  const [ada, ben] = await Promise.all([kit.createUser(), kit.createUser()]);
  const running: string[] = [];
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  kit.services.handlers.set('POST /chat/messages/search', async ({ body }) => {
    running.push(body.query);
    if (body.query.startsWith('slow')) await released;
    return { data: [], nextCursor: null };
  });
  const slow = ['slow 1', 'slow 2', 'slow 3'].map((query) => kit.ask(SEARCH, { query }, ada.token));
  await eventually(() => expect(running).toContain('slow 1'));
  expect((await kit.ask(SEARCH, { query: 'fast' }, ben.token)).errors).toEqual([]);
  expect(running).toEqual(['slow 1', 'fast']);
  release();
  for (const answer of await Promise.all(slow)) expect(answer.errors).toEqual([]);
  expect(running).toEqual(['slow 1', 'fast', 'slow 2', 'slow 3']);
  kit.services.handlers.delete('POST /chat/messages/search');
});
