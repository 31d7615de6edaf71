import { randomUUID } from 'node:crypto';
import { AccessTokenVerifier } from '@chat/shared/auth';
import { randomEmail, testPublicKeys } from '@chat/shared/testing';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { buildOpenApi } from '../src/openapi.js';
import { AuthenticatorApp, awayFromNewStep } from './kit/authenticator-app.js';
import type { Answer, TestAuthService } from './kit/auth-service.js';
import { OAuthKit } from './kit/oauth-kit.js';

// An installation that requires MFA. All other files test one that does not.

let kit: OAuthKit;
let service: TestAuthService;
beforeAll(async () => {
  kit = await OAuthKit.start({ REQUIRE_SECOND_FACTOR: 'true' });
  ({ service } = kit);
});
afterAll(() => kit?.stop());
beforeEach(awayFromNewStep);

type TestUser = Awaited<ReturnType<TestAuthService['register']>>;

const typeOf = (token: string) => decodeProtectedHeader(token).typ;
const outcome = ({ status, body }: Answer) => [status, body?.code];
const login = ({ user, password }: TestUser, token?: string) => service.post('/auth/login', { email: user.email, password }, token);
const sessionOf = (token: string) => String(decodeJwt(token)['sid']);
const isRevoked = async (token: string) => {
  const { rows } = await service.database.query('select revoked_at from sessions where id = $1', [sessionOf(token)]);
  return rows[0].revoked_at !== null;
};

async function setUp(token: string): Promise<AuthenticatorApp> {
  const { body } = await service.post('/auth/totp/setup', undefined, token);
  const app = AuthenticatorApp.of(body.secret);
  expect((await service.post('/auth/totp/confirm', { code: app.nextCode() }, token)).status).toBe(200);
  return app;
}

async function byIdToken(): Promise<Answer> {
  const owner = { sub: randomUUID(), email: randomEmail(), email_verified: true, given_name: 'Ada', nonce: randomUUID() };
  const idToken = await kit.google.idToken(owner);
  return service.post('/auth/oauth/id-token', { provider: 'google', idToken, nonce: owner.nonce });
}

it('an account without MFA gets an enrolment token, whatever the first factor is', async () => {
  const ada = await service.register();
  const subject = randomUUID();
  kit.google.users.set(subject, { email: randomEmail(), email_verified: true, given_name: 'Ada' });
  const answers = [await login(ada), await byIdToken(), await kit.signInWithGoogle(subject), await service.refresh(ada.refreshToken)];
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  const tokens = [ada.accessToken, ...answers.map(({ body }) => body.accessToken)];
  expect(tokens.map(typeOf)).toEqual(tokens.map(() => 'mfa-enrollment+jwt'));
});

it('an enrolment token is refused by other services, and here by every route that does not accept it', async () => {
  const { accessToken, user } = await service.register();
  const verifier = new AccessTokenVerifier({
    jwksUrl: `${service.url}/.well-known/jwks.json`,
    issuer: service.config.jwtIssuer,
    audience: service.config.jwtAudience,
    internalTokens: { receiver: 'chat-service', publicKeys: testPublicKeys() },
  });
  await expect(verifier.verify(accessToken)).rejects.toMatchObject({ kind: 'unauthenticated' });

  const open = [
    'GET /auth/me',
    'POST /auth/totp/setup',
    'POST /auth/totp/confirm',
    'POST /auth/logout',
    'POST /auth/account/delete',
    'POST /auth/password/change',
  ];
  const { paths } = await buildOpenApi();
  const bearerRoutes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, { security?: unknown[] }>)
      .filter(([, operation]) => operation.security?.length)
      .map(([method]) => `${method.toUpperCase()} ${path}`),
  );
  expect(bearerRoutes).toEqual(expect.arrayContaining([...open, 'GET /auth/sessions', 'POST /auth/totp/disable', 'POST /auth/validate']));
  const ask = async (route: string, token: string) => {
    const [method, path] = route.replace(/\{\w+\}/g, user.userId).split(' ') as [string, string];
    return (await fetch(service.url + path, { method, headers: { authorization: `Bearer ${token}` } })).status;
  };
  for (const route of bearerRoutes.filter((one) => !open.includes(one)))
    expect([route, await ask(route, accessToken)]).toEqual([route, 401]);
  for (const route of open.filter((one) => one !== 'POST /auth/logout')) expect([route, await ask(route, accessToken)]).not.toContain(401);
  expect(await ask('POST /auth/logout', accessToken)).toBe(204);
  expect(await ask('GET /auth/me', accessToken)).toBe(401);
});

it('after the enrolment the session gets access tokens, and every sign-in requires a code', async () => {
  const ada = await service.register();
  const app = await setUp(ada.accessToken);
  const { body } = await service.refresh(ada.refreshToken);
  expect([typeOf(body.accessToken), body.user.totpEnabled]).toEqual(['at+jwt', true]);
  expect(sessionOf(body.accessToken)).toBe(sessionOf(ada.accessToken));
  expect((await service.get('/auth/sessions', body.accessToken)).status).toBe(200);

  const asked = await login(ada);
  expect(outcome(asked)).toEqual([401, 'MFA_REQUIRED']);
  const completed = await service.post('/auth/login/complete', { mfaToken: asked.body.mfaToken, code: app.nextCode() });
  expect([completed.status, typeOf(completed.body.accessToken)]).toEqual([200, 'at+jwt']);
});

it('MFA cannot be disabled', async () => {
  const ada = await service.register();
  const app = await setUp(ada.accessToken);
  const { accessToken } = (await service.refresh(ada.refreshToken)).body;
  expect(outcome(await service.post('/auth/totp/disable', { code: app.nextCode() }, accessToken))).toEqual([403, 'FORBIDDEN']);
  expect((await service.get('/auth/me', accessToken)).body.totpEnabled).toBe(true);
});

it('an earlier session gets enrolment tokens only, and can enrol after a recent login', async () => {
  const ada = await service.register();
  await setUp(ada.accessToken);
  const before = (await service.refresh(ada.refreshToken)).body;
  expect(typeOf(before.accessToken)).toBe('at+jwt');
  // As if the session had been created before MFA was required.
  await service.database.query('update accounts set totp_enabled_at = null where id = $1', [ada.user.userId]);
  await service.database.query(`update sessions set created_at = now() - interval '1 day' where user_id = $1`, [ada.user.userId]);
  const { accessToken } = (await service.refresh(before.refreshToken)).body;
  expect(typeOf(accessToken)).toBe('mfa-enrollment+jwt');
  expect(outcome(await service.post('/auth/totp/setup', undefined, accessToken))).toEqual([403, 'FORBIDDEN']);
  const again = (await login(ada, accessToken)).body;
  expect(await isRevoked(accessToken)).toBe(true);
  await setUp(again.accessToken);
  expect(typeOf((await service.refresh(again.refreshToken)).body.accessToken)).toBe('at+jwt');
});

it('the password can be changed and the account deleted before the enrolment', async () => {
  const ada = await service.register();
  const newPassword = 'quite another battery';
  const changed = await service.post('/auth/password/change', { currentPassword: ada.password, newPassword }, ada.accessToken);
  expect(changed.status).toBe(204);
  expect((await service.post('/auth/account/delete', { password: newPassword }, ada.accessToken)).status).toBe(204);
  expect((await service.get('/auth/me', ada.accessToken)).status).toBe(401);
});

it('a forged enrolment token is refused where such tokens are accepted', async () => {
  const ada = await service.register();
  const [, body, signature] = ada.accessToken.split('.');
  const header = Buffer.from(JSON.stringify({ ...decodeProtectedHeader(ada.accessToken), alg: 'none' })).toString('base64url');
  for (const token of [`${header}.${body}.`, `${header}.${body}.${signature}`, `${ada.accessToken.slice(0, -4)}AAAA`])
    expect((await service.get('/auth/me', token)).status).toBe(401);
});
