import { afterAll, beforeAll, expect, it } from 'vitest';
import { GatewayKit } from './kit/gateway-kit.js';

// Two spellings of one identifier are one identifier (docs/security/canonical-forms.md).

let kit: GatewayKit;
let token: string;
beforeAll(async () => {
  kit = await GatewayKit.start();
  const ada = await kit.createUser();
  token = ada.token;
  const user = { userId: ada.userId, email: 'e', username: 'u' };
  const tokens = { accessToken: token, refreshToken: 'r', expiresInSeconds: 900, user };
  for (const path of ['register', 'login/complete']) kit.services.handlers.set(`POST /auth/${path}`, () => tokens);
  for (const path of ['password/forgot', 'totp/disable']) kit.services.handlers.set(`POST /auth/${path}`, () => undefined);
  kit.services.handlers.set('PATCH /profiles/me', () => kit.services.users.profiles.get(ada.userId));
});
afterAll(() => kit?.stop());

const ID = '0190c0de-0000-7000-8000-00000000abcd';

it.each([
  [
    'register(input: { email: " Ada@EXAMPLE.test ", username: " Ada ", password: "cafe\u0301 au lait", firstName: " Ada  Marie " }) { refreshToken }',
    { email: ' Ada@EXAMPLE.test ', username: 'Ada', password: 'café au lait', firstName: 'Ada Marie' },
  ],
  ['requestPasswordReset(email: "ADA@example.test")', { email: 'ada@example.test' }],
  ['completeLogin(mfaToken: "m", code: "abcde-12345!") { refreshToken }', { mfaToken: 'm', code: 'abcde-12345!' }],
  ['disableTotp(code: "abcde-12345")', { code: 'ABCDE12345' }],
  ['updateProfile(firstName: " Ada ", lastName: "  ", bio: " as typed ") { id }', { firstName: 'Ada', lastName: '', bio: ' as typed ' }],
  [`sendMessage(input: { receiverId: "${ID.toUpperCase()}", content: " as typed " }) { id }`, { receiverId: ID, content: ' as typed ' }],
])('the service gets the canonical form, or the text as typed where auth-service decides: %s', async (mutation, body) => {
  const answer = await kit.ask(`mutation { ${mutation} }`, {}, token);
  expect(answer.errors).toEqual([]);
  expect(kit.services.calls.findLast(({ method }) => method !== 'GET')?.body).toEqual(body);
});

it('ids in a list and in a path are in lower case', async () => {
  kit.services.users.addProfile(ID);
  const { data } = await kit.ask(`{ getProfiles(userIds: ["${ID.toUpperCase()}"]) { userId } }`, {}, token);
  expect(data.getProfiles).toEqual([{ userId: ID }]);
  kit.services.handlers.set(`GET /presence/user/${ID}`, () => ({ userId: ID, status: 'OFFLINE', lastSeenAt: null }));
  const presence = await kit.ask(`{ getPresence(userId: "${ID.toUpperCase()}") { userId } }`, {}, token);
  expect(presence.data).toEqual({ getPresence: { userId: ID } });
});

it.each([
  'register(input: { email: "ada@example.test", username: "a d a", password: "correct horse" }) { refreshToken }',
  'register(input: { email: "ada@example.test", username: "ada", password: "correct horse", firstName: "\u200b" }) { refreshToken }',
  'requestPasswordReset(email: "ada")',
  'disableTotp(code: "---")',
])('a text without a canonical form is BAD_USER_INPUT before any service is called: %s', async (mutation) => {
  const before = kit.services.calls.length;
  const { errors } = await kit.ask(`mutation { ${mutation} }`, {}, token);
  expect(errors[0]!.extensions.code).toBe('BAD_USER_INPUT');
  expect(kit.services.calls.length).toBe(before);
});
