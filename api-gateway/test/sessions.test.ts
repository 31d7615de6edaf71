import { afterAll, beforeAll, expect, it } from 'vitest';
import { GatewayKit } from './kit/gateway-kit.js';

let kit: GatewayKit;
beforeAll(async () => {
  kit = await GatewayKit.start({ TRUST_PROXY: '1' });
});
afterAll(() => kit?.stop());

const SESSION = {
  sessionId: '0190c0de-0000-7000-8000-000000000001',
  current: true,
  userAgent: 'app/1.0',
  ipAddress: '192.0.2.7',
  createdAt: '2026-01-02T03:04:05.678Z',
  lastUsedAt: '2026-01-03T03:04:05.678Z',
};
const FROM_A_PHONE = { 'user-agent': 'phone/1.0', 'x-device-id': 'a phone', 'x-forwarded-for': '203.0.113.9, 198.51.100.1' };

it('lists the sessions, and revokes one or all others', async () => {
  const ada = await kit.createUser();
  kit.services.handlers.set('GET /auth/sessions', () => [SESSION]);
  kit.services.handlers.set(`DELETE /auth/sessions/${SESSION.sessionId}`, () => undefined);
  kit.services.handlers.set('POST /auth/sessions/revoke-others', () => ({ revoked: 3 }));
  const listed = await kit.ask('{ getSessions { id current userAgent ipAddress createdAt lastUsedAt } }', {}, ada.token);
  const { sessionId: id, ...rest } = SESSION;
  expect(listed.data.getSessions).toEqual([{ id, ...rest }]);
  const revoked = await kit.ask(`mutation { revokeSession(sessionId: "${id}") }`, {}, ada.token);
  expect(revoked.data).toEqual({ revokeSession: true });
  expect((await kit.ask('mutation { revokeOtherSessions }', {}, ada.token)).data).toEqual({ revokeOtherSessions: 3 });
});

it('session operations need a token and a valid id', async () => {
  for (const query of [
    '{ getSessions { id } }',
    'mutation { revokeOtherSessions }',
    `mutation { revokeSession(sessionId: "${SESSION.sessionId}") }`,
  ])
    expect((await kit.ask(query)).errors[0]!.extensions.code).toBe('UNAUTHENTICATED');
  const { errors } = await kit.ask('mutation { revokeSession(sessionId: "x") }', {}, (await kit.createUser()).token);
  expect(errors[0]!.extensions.code).toBe('BAD_USER_INPUT');
});

it('changePassword passes on both passwords', async () => {
  const ada = await kit.createUser();
  kit.services.handlers.set('POST /auth/password/change', () => undefined);
  const change = 'mutation { changePassword(currentPassword: "correct horse", newPassword: "another horse") }';
  expect((await kit.ask(change)).errors[0]!.extensions.code).toBe('UNAUTHENTICATED');
  expect((await kit.ask(change, {}, ada.token)).data).toEqual({ changePassword: true });
  const { body, userId } = kit.services.calls.at(-1)!;
  expect([body, userId]).toEqual([{ currentPassword: 'correct horse', newPassword: 'another horse' }, ada.userId]);
});

it('auth-service gets the user agent, the device id and the address from the trusted proxy', async () => {
  const ada = await kit.createUser();
  const tokens = {
    accessToken: ada.token,
    refreshToken: 'r',
    expiresInSeconds: 900,
    user: { userId: ada.userId, email: 'e', username: 'u' },
  };
  for (const path of ['register', 'login', 'refresh']) kit.services.handlers.set(`POST /auth/${path}`, () => tokens);
  const operations = [
    'mutation { register(input: { email: "ada@example.test", username: "ada", password: "correct horse" }) { refreshToken } }',
    'mutation { login(input: { email: "ada@example.test", password: "correct horse" }) { refreshToken } }',
    'mutation { refreshToken(input: { refreshToken: "r" }) { refreshToken } }',
  ];
  for (const query of operations) {
    expect((await kit.ask(query, {}, undefined, { ...FROM_A_PHONE, 'x-user-id': ada.userId })).errors).toEqual([]);
    const { headers } = kit.services.calls.at(-1)!;
    expect(headers).toMatchObject({ 'user-agent': 'phone/1.0', 'x-device-id': 'a phone', 'x-forwarded-for': '198.51.100.1' });
    expect(headers).not.toHaveProperty('x-user-id');
  }
});

it('every sign-in passes on the access token unverified, so that auth-service can revoke its session', async () => {
  const ada = await kit.createUser();
  const user = { userId: ada.userId, email: 'e', username: 'u' };
  const tokens = { accessToken: ada.token, refreshToken: 'r', expiresInSeconds: 900, user };
  const signIns = {
    'login(input: { email: "ada@example.test", password: "correct horse" })': '/auth/login',
    'completeLogin(mfaToken: "m", code: "123456")': '/auth/login/complete',
    'exchangeOAuthCode(code: "c")': '/auth/oauth/exchange',
    'signInWithIdToken(provider: GOOGLE, idToken: "a.b.c", nonce: "n")': '/auth/oauth/id-token',
  };
  const forged = `${ada.token.slice(0, -4)}AAAA`;
  for (const [operation, path] of Object.entries(signIns)) {
    kit.services.handlers.set(`POST ${path}`, () => tokens);
    for (const token of [ada.token, forged, undefined]) {
      expect((await kit.ask(`mutation { ${operation} { refreshToken } }`, {}, token)).errors).toEqual([]);
      const { headers } = kit.services.callsOf('POST', path).at(-1)!;
      expect(headers!.authorization).toBe(token && `Bearer ${token}`);
    }
  }
});
