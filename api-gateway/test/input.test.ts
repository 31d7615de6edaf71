import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GatewayKit } from './kit/gateway-kit.js';

let kit: GatewayKit;
let ada: Awaited<ReturnType<GatewayKit['createUser']>>;
beforeAll(async () => {
  kit = await GatewayKit.start();
  ada = await kit.createUser();
});
afterAll(() => kit?.stop());

const SEND = 'mutation ($input: CreateMessageInput!) { sendMessage(input: $input) { id } }';
const receiverId = randomUUID();

it.each<[string, string, object]>([
  ['a malformed receiver', SEND, { input: { receiverId: 'not-an-id', content: 'x' } }],
  ['no content', SEND, { input: { receiverId } }],
  ['empty content', SEND, { input: { receiverId, content: '' } }],
  ['8,001 characters', SEND, { input: { receiverId, content: 'x'.repeat(8001) } }],
  ['half a surrogate pair', SEND, { input: { receiverId, content: 'x\ud83d' } }],
  ['a NUL', SEND, { input: { receiverId, content: 'x\0' } }],
  ['a clientMessageId of 65 characters', SEND, { input: { receiverId, content: 'x', clientMessageId: 'x'.repeat(65) } }],
  ['a number instead of text', SEND, { input: { receiverId, content: 42 } }],
  ['a field that does not exist', SEND, { input: { receiverId, content: 'x', admin: true } }],
  ['page 0', '{ getConversations(page: 0) { total } }', {}],
  ['limit 101', '{ getConversations(limit: 101) { total } }', {}],
  ['a page that is not a number', 'query ($page: Int!) { getConversations(page: $page) { total } }', { page: 'x' }],
  ['a page that is null', 'query ($page: Int) { getConversations(page: $page) { total } }', { page: null }],
  ['a malformed id in a list', 'query ($ids: [String!]!) { getProfiles(userIds: $ids) { id } }', { ids: [randomUUID(), 'x'] }],
  [
    '101 profiles',
    'query ($ids: [String!]!) { getProfiles(userIds: $ids) { id } }',
    { ids: Array.from({ length: 101 }, () => randomUUID()) },
  ],
  ['a malformed notification id', 'mutation { deleteNotification(notificationId: "1") }', {}],
  ['isPublic set to null', 'mutation { updateProfile(isPublic: null) { id } }', {}],
  ['a website that is not an http(s) URL', 'mutation { updateProfile(website: "javascript:alert(1)") { id } }', {}],
])('%s is BAD_USER_INPUT before any service is called', async (_name, query, variables) => {
  const before = kit.services.calls.length;
  const answer = await kit.ask(query, variables, ada.token);
  expect(answer.errors[0]?.extensions.code, answer.text).toBe('BAD_USER_INPUT');
  expect(answer.text).not.toMatch(/stack|node_modules|\.ts:/);
  expect(kit.services.calls.length).toBe(before);
});

it('updateProfile passes on the given arguments, and distinguishes null from an omitted argument', async () => {
  kit.services.handlers.set('PATCH /profiles/me', () => kit.services.users.profiles.get(ada.userId));
  const answer = await kit.ask('mutation { updateProfile(bio: null, firstName: "", location: "Here") { id } }', {}, ada.token);
  expect(answer.errors).toEqual([]);
  expect(kit.services.callsOf('PATCH', '/profiles/me').at(-1)?.body).toEqual({ bio: null, firstName: '', location: 'Here' });
});

it('a birth date reaches profile-service unchanged', async () => {
  kit.services.handlers.set('PATCH /profiles/me', () => ({ ...kit.services.users.profiles.get(ada.userId), birthDate: '1990-03-25' }));
  const answer = await kit.ask('mutation { updateProfile(birthDate: "1990-03-25") { birthDate } }', {}, ada.token);
  expect(answer).toMatchObject({ errors: [], data: { updateProfile: { birthDate: '1990-03-25' } } });
  expect(kit.services.callsOf('PATCH', '/profiles/me').at(-1)?.body).toEqual({ birthDate: '1990-03-25' });
});
