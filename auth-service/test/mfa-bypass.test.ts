import { randomUUID } from 'node:crypto';
import { eventually, randomEmail } from '@chat/shared/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AuthenticatorApp, awayFromNewStep } from './kit/authenticator-app.js';
import { MailServer, tokenIn } from './kit/mail-server.js';
import { codeIn, OAuthKit } from './kit/oauth-kit.js';

// The rules for every sign-in hold for each first factor: the second factor and the notice of a new device.

let mails: MailServer;
let kit: OAuthKit;
beforeAll(async () => {
  mails = await MailServer.start();
  kit = await OAuthKit.start({ SMTP_URL: mails.url, MAIL_FROM: 'chat@example.test' });
});
afterAll(async () => {
  await kit?.stop();
  await mails?.stop();
});
beforeEach(awayFromNewStep);

const outcome = ({ status, body }: { status: number; body: any }) => [status, body?.code];
const sessionsOf = async (userId: string) =>
  (await kit.service.database.query<{ count: number }>('select count(*)::int as count from sessions where user_id = $1', [userId])).rows[0]!
    .count;

/** A user of Google, with or without a session in a browser. */
function newGoogleUser() {
  const subject = randomUUID();
  const owner = { email: randomEmail(), email_verified: true, hd: 'example.test', given_name: 'Ada' };
  kit.google.users.set(subject, owner);
  const byIdToken = async (userAgent = 'app/1.0') => {
    const nonce = randomUUID();
    const idToken = await kit.google.idToken({ sub: subject, ...owner, nonce });
    return kit.service.post('/auth/oauth/id-token', { provider: 'google', idToken, nonce }, undefined, { 'user-agent': userAgent });
  };
  return { subject, byIdToken };
}

async function turnOnSecondFactor(accessToken: string): Promise<AuthenticatorApp> {
  const { body } = await kit.service.post('/auth/totp/setup', undefined, accessToken);
  const app = AuthenticatorApp.of(body.secret);
  expect((await kit.service.post('/auth/totp/confirm', { code: app.nextCode() }, accessToken)).status).toBe(200);
  return app;
}

const complete = (mfaToken: string, code: string) => kit.service.post('/auth/login/complete', { mfaToken, code });

describe('the second factor', () => {
  it('is required after Google in a browser, whose code is used by it', async () => {
    const { subject } = newGoogleUser();
    const registered = await kit.signInWithGoogle(subject);
    const app = await turnOnSecondFactor(registered.body.accessToken);
    const oneTimeCode = codeIn(await kit.throughGoogle(subject));
    const answer = await kit.exchange(oneTimeCode);
    expect(outcome(answer)).toEqual([401, 'MFA_REQUIRED']);
    expect(await sessionsOf(registered.body.user.userId)).toBe(1);
    const completed = await complete(answer.body.mfaToken, app.nextCode());
    expect([completed.status, completed.body.user.userId]).toEqual([200, registered.body.user.userId]);
    expect(outcome(await kit.exchange(oneTimeCode))).toEqual([400, 'BAD_USER_INPUT']);
  });

  it('is required after an ID token', async () => {
    const { byIdToken } = newGoogleUser();
    const registered = await byIdToken();
    const app = await turnOnSecondFactor(registered.body.accessToken);
    const answer = await byIdToken();
    expect(outcome(answer)).toEqual([401, 'MFA_REQUIRED']);
    expect(await sessionsOf(registered.body.user.userId)).toBe(1);
    expect((await complete(answer.body.mfaToken, app.nextCode())).status).toBe(200);
    const { body: log } = await kit.service.get('/auth/security-events', registered.body.accessToken);
    expect(log.data[0]).toMatchObject({ type: expect.stringMatching(/^signed-in/) });
    expect(log.data.find(({ type }: { type: string }) => type === 'signed-in').details).toEqual({ method: 'google', secondFactor: true });
  });

  it('is required after a password reset, which also ends a sign-in in progress', async () => {
    const { service } = kit;
    const { user, password, accessToken } = await service.register();
    const app = await turnOnSecondFactor(accessToken);
    const login = (withPassword: string) => service.post('/auth/login', { email: user.email, password: withPassword });
    const inProgress = (await login(password)).body.mfaToken;
    await service.post('/auth/password/forgot', { email: user.email });
    const resetMails = () => mails.to(user.email).filter(({ raw }) => raw.includes('/reset-password'));
    await eventually(() => resetMails().length > 0);
    const newPassword = 'quite another battery';
    const reset = await service.post('/auth/password/reset', { token: tokenIn(resetMails()[0]!.raw), newPassword });
    expect([reset.status, reset.body]).toEqual([204, undefined]);
    expect(outcome(await complete(inProgress, app.codeAway(1)))).toEqual([401, 'UNAUTHENTICATED']);
    const answer = await login(newPassword);
    expect(outcome(answer)).toEqual([401, 'MFA_REQUIRED']);
    expect((await complete(answer.body.mfaToken, app.nextCode())).status).toBe(200);
  });

  it('is not bypassed by a refresh token from before the sessions were revoked', async () => {
    const { service } = kit;
    const { user, password, accessToken, refreshToken } = await service.register();
    const app = await turnOnSecondFactor(accessToken);
    const { mfaToken } = (await service.post('/auth/login', { email: user.email, password })).body;
    const entered = (await complete(mfaToken, app.nextCode())).body;
    expect((await service.post('/auth/sessions/revoke-others', undefined, entered.accessToken)).status).toBe(200);
    expect(outcome(await service.refresh(refreshToken))).toEqual([401, 'UNAUTHENTICATED']);
    expect((await service.refresh(entered.refreshToken)).status).toBe(200);
  });
});

it('a device of a provider sign-in is new as well, but not that of the first one, which creates the account', async () => {
  const { byIdToken } = newGoogleUser();
  const { body } = await byIdToken('phone/1.0');
  const newDevices = async () => {
    const { body: log } = await kit.service.get('/auth/security-events', body.accessToken);
    return log.data.filter(({ type }: { type: string }) => type === 'signed-in-from-new-device').length;
  };
  await byIdToken('phone/1.0');
  expect(await newDevices()).toBe(0);
  await byIdToken('laptop/1.0');
  await byIdToken('laptop/1.0');
  expect(await newDevices()).toBe(1);
});
