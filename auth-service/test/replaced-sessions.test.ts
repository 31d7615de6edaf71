import { createHmac, randomUUID } from 'node:crypto';
import { internalTokensOf } from '@chat/shared/testing';
import { channels } from '@chat/shared/realtime';
import { eventually, randomEmail, testInfra } from '@chat/shared/testing';
import { Redis } from 'ioredis';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AuthenticatorApp, awayFromNewStep } from './kit/authenticator-app.js';
import { codeIn, OAuthKit } from './kit/oauth-kit.js';

// A sign-in whose request has the access token of a session of the same account replaces that session.

let kit: OAuthKit;
let listener: Redis;
const published = new Set<string>();
beforeAll(async () => {
  kit = await OAuthKit.start();
  listener = new Redis(testInfra().redisUrl);
  listener.on('message', (_, text) => published.add(JSON.parse(text).sessionId));
  await listener.subscribe(channels.sessionRevoked);
});
afterAll(async () => {
  listener?.disconnect();
  await kit?.stop();
});
beforeEach(awayFromNewStep);

interface Tokens {
  accessToken: string;
  refreshToken: string;
}

const isIn = async ({ accessToken }: Tokens) => (await kit.service.get('/auth/me', accessToken)).status === 200;
const sessionOf = ({ accessToken }: Tokens) => decodeJwt(accessToken).sid as string;
const logIn = ({ user, password }: { user: { email: string }; password: string }, token?: string) =>
  kit.service.post('/auth/login', { email: user.email, password }, token);

/** Whether the new session is active and the revocation of the earlier one is published. */
async function isReplaced(before: Tokens, { status, body }: { status: number; body: any }): Promise<boolean> {
  if (status !== 200 || !(await isIn(body)) || (await isIn(before))) return false;
  await eventually(() => published.has(sessionOf(before)));
  return (await kit.service.refresh(before.refreshToken)).status === 401;
}

/** A user of Google with an account, and the token of a session of that account. */
async function atGoogle() {
  const subject = randomUUID();
  const owner = { email: randomEmail(), email_verified: true, hd: 'example.test', given_name: 'Ada' };
  kit.google.users.set(subject, owner);
  const enter = async (token?: string) => {
    const code = codeIn(await kit.throughGoogle(subject));
    return kit.service.post('/auth/oauth/exchange', { code }, token);
  };
  const enterByIdToken = async (token?: string) => {
    const nonce = randomUUID();
    const idToken = await kit.google.idToken({ sub: subject, ...owner, nonce });
    return kit.service.post('/auth/oauth/id-token', { provider: 'google', idToken, nonce }, token);
  };
  return { enter, enterByIdToken, session: (await enter()).body as Tokens };
}

describe('the session whose token is in the request of a sign-in to the same account is revoked, and the revocation is published,', () => {
  it('with the password; no other session does', async () => {
    const ada = await kit.service.register();
    const other = (await logIn(ada)).body;
    expect(await isReplaced(ada, await logIn(ada, ada.accessToken))).toBe(true);
    expect(await isIn(other)).toBe(true);
    const { rows } = await kit.service.database.query(
      `select session_id as id, details from audit_events where user_id = $1 and type = 'session-revoked'`,
      [ada.user.userId],
    );
    expect(rows).toEqual([{ id: sessionOf(ada), details: { by: 'sign-in' } }]);
  });

  it('with the code of a provider', async () => {
    const { enter, session } = await atGoogle();
    expect(await isReplaced(session, await enter(session.accessToken))).toBe(true);
  });

  it('with an ID token', async () => {
    const { enterByIdToken, session } = await atGoogle();
    expect(await isReplaced(session, await enterByIdToken(session.accessToken))).toBe(true);
  });

  it('with the second factor, by the step that creates the new one', async () => {
    const ada = await kit.service.register();
    const { body } = await kit.service.post('/auth/totp/setup', undefined, ada.accessToken);
    const app = AuthenticatorApp.of(body.secret);
    await kit.service.post('/auth/totp/confirm', { code: app.nextCode() }, ada.accessToken);
    const { mfaToken } = (await logIn(ada, ada.accessToken)).body;
    const complete = (code: string) => kit.service.post('/auth/login/complete', { mfaToken, code }, ada.accessToken);
    expect((await complete('wrong!')).status).toBe(401);
    expect(await isIn(ada)).toBe(true);
    expect(await isReplaced(ada, await complete(app.nextCode()))).toBe(true);
  });
});

describe('no session is revoked, and the sign-in succeeds or fails as usual, with a token', () => {
  it('of another account', async () => {
    const [ada, bob] = [await kit.service.register(), await kit.service.register()];
    const { status, body } = await logIn(ada, bob.accessToken);
    expect([status, await isIn(body), await isIn(ada), await isIn(bob)]).toEqual([200, true, true, true]);
  });

  it('that is malformed or forged', async () => {
    const ada = await kit.service.register();
    const [header, payload] = ada.accessToken.split('.');
    const signature = createHmac('sha256', 'guessed').update(`${header}.${payload}`).digest('base64url');
    for (const token of ['x', 'a.b.c', `${header}.${payload}.${signature}`, 'x'.repeat(5000)]) {
      expect((await logIn(ada, token)).status).toBe(200);
      expect(await isIn(ada)).toBe(true);
    }
  });

  it('of a revoked session', async () => {
    const ada = await kit.service.register();
    await kit.service.post('/auth/logout', undefined, ada.accessToken);
    expect((await logIn(ada, ada.accessToken)).status).toBe(200);
  });

  it('of the gateway, which represents a socket', async () => {
    const ada = await kit.service.register();
    const internal = internalTokensOf('api-gateway').issue('auth-service', {
      userId: ada.user.userId,
      sessionId: sessionOf(ada),
    });
    expect((await kit.service.get('/auth/me', internal)).status).toBe(200);
    expect((await logIn(ada, internal)).status).toBe(200);
    expect(await isIn(ada)).toBe(true);
  });

  it('and a wrong password', async () => {
    const ada = await kit.service.register();
    expect((await logIn({ ...ada, password: 'wrong horse battery' }, ada.accessToken)).status).toBe(401);
    expect(await isIn(ada)).toBe(true);
  });
});
