import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { PUBLIC_OPERATIONS, operationsExcept } from './kit/operations.js';
import { GatewayKit } from './kit/gateway-kit.js';

// A user that must enrol in MFA has MFA enrolment tokens, a token type of their own.

let kit: GatewayKit;
let token: string;
beforeAll(async () => {
  kit = await GatewayKit.start();
});
afterAll(() => kit?.stop());
beforeEach(async () => {
  const { userId, sessionId } = await kit.createUser();
  token = await kit.services.tokens.issue({ userId, sessionId, type: 'mfa-enrollment+jwt' });
});

const ALLOWED_DURING_ENROLMENT = ['me', 'logout', 'deleteAccount', 'changePassword', 'startTotpSetup', 'confirmTotpSetup'];
it('every operation but enrolment, logout, deletion and password change is FORBIDDEN with an explanation, and no service is called', async () => {
  const forbidden = await operationsExcept([...PUBLIC_OPERATIONS, ...ALLOWED_DURING_ENROLMENT]);
  expect(forbidden.length).toBeGreaterThan(15);
  const before = kit.services.calls.length;
  for (const { name, document } of forbidden) {
    const answer = await kit.ask(document, {}, token);
    const error = { message: expect.stringContaining('startTotpSetup, confirmTotpSetup'), extensions: { code: 'FORBIDDEN' } };
    expect(answer, `${name} ${answer.text}`).toMatchObject({ status: 200, errors: [error] });
  }
  expect(kit.services.calls).toHaveLength(before);
});

it('the allowed operations reach auth-service with that token; another operation in the same document is FORBIDDEN', async () => {
  kit.services.handlers.set('POST /auth/totp/setup', () => ({ secret: 'ABC', otpauthUrl: 'otpauth://totp/x' }));
  kit.services.handlers.set('POST /auth/totp/confirm', () => ({ recoveryCodes: ['one'] }));
  kit.services.handlers.set('POST /auth/logout', () => undefined);
  kit.services.handlers.set('POST /auth/account/delete', () => undefined);
  kit.services.handlers.set('POST /auth/password/change', () => undefined);
  for (const operation of [
    'startTotpSetup { secret }',
    'confirmTotpSetup(code: "123456")',
    'changePassword(currentPassword: "a", newPassword: "correct horse")',
    'deleteAccount(password: "a")',
    'logout',
  ]) {
    const { errors } = await kit.ask(`mutation { ${operation} }`, {}, token);
    expect([operation, errors]).toEqual([operation, []]);
    expect(kit.services.calls.at(-1)).toMatchObject({ tokenType: 'mfa-enrollment+jwt' });
  }
  const before = kit.services.calls.length;
  const { errors } = await kit.ask('mutation { logout disableTotp(code: "123456") }', {}, token);
  expect(errors.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN']);
  expect(kit.services.calls.slice(before).map(({ path }) => path)).toEqual(['/auth/logout']);
});

it('names are null, because profile-service rejects the token', async () => {
  const user = {
    userId: randomUUID(),
    email: 'ada@example.test',
    username: 'ada',
    provider: 'local',
    emailVerified: true,
    totpEnabled: false,
  };
  kit.services.handlers.set('GET /auth/me', () => user);
  kit.services.handlers.set('POST /auth/login', () => ({ accessToken: token, refreshToken: 'r', expiresInSeconds: 900, user }));
  const before = kit.services.callsOf('GET', '/profiles/me').length;
  const me = await kit.ask('{ me { userId firstName } }', {}, token);
  expect([me.data, me.errors]).toEqual([{ me: { userId: user.userId, firstName: null } }, []]);
  const login = 'mutation { login(input: { email: "ada@example.test", password: "a" }) { user { totpEnabled lastName } } }';
  const entered = await kit.ask(login);
  expect([entered.data, entered.errors]).toEqual([{ login: { user: { totpEnabled: false, lastName: null } } }, []]);
  expect(kit.services.callsOf('GET', '/profiles/me')).toHaveLength(before);
});

it('a socket with such a token is closed with 4403', async () => {
  expect(await kit.closeCodeOf(token)).toBe(4403);
});

it('an expired or forged enrolment token is UNAUTHENTICATED', async () => {
  const expired = await kit.services.tokens.issue({ userId: randomUUID(), expiresInSeconds: -1, type: 'mfa-enrollment+jwt' });
  for (const bad of [expired, `${token.slice(0, -4)}AAAA`]) {
    const { errors } = await kit.ask('{ me { userId } }', {}, bad);
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(['UNAUTHENTICATED']);
  }
});
