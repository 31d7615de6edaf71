import { randomUUID } from 'node:crypto';
import { randomEmail } from '@chat/shared/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AuthenticatorApp, awayFromNewStep } from './kit/authenticator-app.js';
import { codeIn, OAuthKit } from './kit/oauth-kit.js';

// What holds for every sign-in holds for those at a provider too: the second factor, and the notice of a new device.

let kit: OAuthKit;
beforeAll(async () => {
  kit = await OAuthKit.start();
});
afterAll(() => kit?.stop());
beforeEach(awayFromNewStep);

const outcome = ({ status, body }: { status: number; body: any }) => [status, body?.code];
const sessionsOf = async (userId: string) =>
  (await kit.service.database.query<{ count: number }>('select count(*)::int as count from sessions where user_id = $1', [userId])).rows[0]!
    .count;

/** Somebody at Google, who may have come in a browser or not yet. */
function newPerson() {
  const subject = randomUUID();
  const person = { email: randomEmail(), email_verified: true, given_name: 'Ada' };
  kit.google.people.set(subject, person);
  const byIdToken = async (userAgent = 'app/1.0') => {
    const nonce = randomUUID();
    const idToken = await kit.google.idToken({ sub: subject, ...person, nonce });
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
  it('is asked for after Google in a browser, whose code is spent by it', async () => {
    const { subject } = newPerson();
    const registered = await kit.enterByGoogle(subject);
    const app = await turnOnSecondFactor(registered.body.accessToken);
    const oneTimeCode = codeIn(await kit.throughGoogle(subject));
    const answer = await kit.exchange(oneTimeCode);
    expect(outcome(answer)).toEqual([401, 'MFA_REQUIRED']);
    expect(await sessionsOf(registered.body.user.userId)).toBe(1);
    expect((await kit.exchange(oneTimeCode)).body.code).not.toBe('MFA_REQUIRED');
    const completed = await complete(answer.body.mfaToken, app.nextCode());
    expect([completed.status, completed.body.user.userId]).toEqual([200, registered.body.user.userId]);
  });

  it('is asked for after an ID token', async () => {
    const { byIdToken } = newPerson();
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
});

it('a device is new at a provider as well, but not the one of the first sign-in, which makes the account', async () => {
  const { byIdToken } = newPerson();
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
