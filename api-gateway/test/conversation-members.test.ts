import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { GatewayKit, type UserWithToken } from './kit/gateway-kit.js';

/* What the members of large groups cost: nothing, unless they are selected. */
const GROUPS = 100;
const MEMBERS = 1000;

let kit: GatewayKit;
let ada: UserWithToken;
let userIds: string[];
let ids: string[];
beforeAll(async () => {
  kit = await GatewayKit.start();
  userIds = Array.from({ length: MEMBERS }, () => randomUUID());
});
afterAll(() => kit?.stop());
beforeEach(async () => {
  ada = await kit.createUser();
  ids = Array.from({ length: GROUPS }, () => randomUUID());
  const { members: _members, ...summary } = kit.services.chat.addConversation([]);
  const page = { data: ids.map((id) => ({ ...summary, id })), total: GROUPS, page: 1, limit: GROUPS, totalPages: 1 };
  kit.services.handlers.set('GET /chat/conversations', () => page);
  for (const id of ids) kit.services.handlers.set(`GET /chat/conversations/${id}`, () => ({ ...summary, id }));
  kit.services.handlers.set('POST /chat/conversations/members', ({ body }) =>
    body.conversationIds.map((conversationId: string) => ({ conversationId, members: userIds.map((userId) => ({ userId })) })),
  );
});

const callsOf = () => kit.services.calls.filter(({ userId }) => userId === ada.userId).map(({ method, path }) => `${method} ${path}`);
const codes = ({ errors }: { errors: { extensions: Record<string, unknown> }[] }) => errors.map(({ extensions }) => extensions['code']);

it('a page of conversations without their members is one call, and requests none', async () => {
  const { data } = await kit.ask('{ getConversations(limit: 100) { data { id title unreadCount } } }', {}, ada.token);
  expect(data.getConversations.data).toHaveLength(GROUPS);
  expect(callsOf()).toEqual(['GET /chat/conversations']);
  expect(kit.services.calls.at(-1)!.headers).toMatchObject({ prefer: 'omit=members' });
});

it('the selected members of a page of the largest groups are one call more, also under several names', async () => {
  const query = '{ getConversations(limit: 100) { data { id participants } } }';
  const { data } = await kit.ask(query, {}, ada.token);
  expect(data.getConversations.data.map(({ participants }: any) => participants.length)).toEqual(ids.map(() => MEMBERS));
  expect(callsOf()).toEqual(['GET /chat/conversations', 'POST /chat/conversations/members']);
  const twice = `{ getConversation(conversationId: "${ids[0]}") { participants members { userId } more: members { userId } } }`;
  expect((await kit.ask(twice, {}, ada.token)).data.getConversation.more).toEqual(userIds.map((userId) => ({ userId })));
  expect(callsOf().slice(2)).toEqual([`GET /chat/conversations/${ids[0]}`, 'POST /chat/conversations/members']);
});

it('an operation that selects more members than the largest page has is PAYLOAD_TOO_LARGE', async () => {
  const answer = await kit.ask('{ getConversations(limit: 100) { data { participants members { userId } } } }', {}, ada.token);
  expect(answer.data).toBeNull();
  expect(new Set(codes(answer))).toEqual(new Set(['PAYLOAD_TOO_LARGE']));
  expect(answer.text.length).toBeLessThan(50_000);
});

it('one user loads members with one call at a time, so that other users do not wait', async () => {
  let open = 0;
  let most = 0;
  const answers: (() => void)[] = [];
  kit.services.handlers.set('POST /chat/conversations/members', async ({ userId }) => {
    if (userId !== ada.userId) return [];
    most = Math.max(most, (open += 1));
    await new Promise<void>((resolve) => answers.push(resolve));
    open -= 1;
    return [];
  });
  const query = (id: string) => `{ getConversation(conversationId: "${id}") { participants } }`;
  const mine = Promise.all(ids.slice(0, 5).map((id) => kit.ask(query(id), {}, ada.token)));
  const ben = await kit.createUser();
  expect((await kit.ask(query(ids[9]!), {}, ben.token)).data).toEqual({ getConversation: { participants: [] } });
  const release = setInterval(() => answers.shift()?.(), 5);
  for (const { data } of await mine) expect(data.getConversation.participants).toEqual([]);
  clearInterval(release);
  expect(most).toBe(1);
});
