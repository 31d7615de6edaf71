import { randomUUID } from 'node:crypto';
import { randomEmail } from '@chat/shared/testing';
import { generateKeyPair } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GOOGLE_CLIENT } from '@chat/testkit/fake-google';
import { OAUTH2_CLIENT } from '@chat/testkit/fake-oauth2-server';
import { OAuthKit } from './kit/oauth-kit.js';

let kit: OAuthKit;
beforeAll(async () => {
  kit = await OAuthKit.start();
});
afterAll(() => kit?.stop());

const send = (idToken: string, nonce: string, provider = 'google') =>
  kit.service.post('/auth/oauth/id-token', { provider, idToken, nonce });

/** The claims of a new user. */
const claimsOf = (more: object = {}) => ({
  sub: randomUUID(),
  email: randomEmail(),
  email_verified: true,
  given_name: 'Ada',
  nonce: randomUUID(),
  ...more,
});

const REFUSED = [401, 'UNAUTHENTICATED', 'The ID token is not valid.'];
const outcomeOf = ({ status, body }: { status: number; body: any }) => [status, body.code, body.detail];
const counts = async () => [await kit.countOf('accounts'), await kit.countOf('sessions'), await kit.countOf('oauth_identities')];

describe('an ID token of Google', () => {
  it.each([GOOGLE_CLIENT.id, 'google-android-client', 'google-ios-client'])('issued to %s signs in', async (aud) => {
    const claims = claimsOf({ aud });
    const { status, body } = await send(await kit.google.idToken(claims), claims.nonce);
    expect(status).toBe(200);
    expect(body.user).toMatchObject({ email: claims.email, provider: 'google', emailVerified: true });
    expect((await kit.service.get('/auth/me', body.accessToken)).status).toBe(200);
  });

  it('belongs to the same account as the sign-in of the user in a browser', async () => {
    const { sub, ...user } = claimsOf();
    kit.google.users.set(sub, user);
    const browser = await kit.signInWithGoogle(sub);
    const { body } = await send(await kit.google.idToken({ sub, ...user }), user.nonce);
    expect(body.user.userId).toBe(browser.body.user.userId);
  });

  const now = () => Math.floor(Date.now() / 1000);
  it.each([
    ['issued to another client', () => ({ aud: 'another-client' })],
    ['of another issuer', () => ({ iss: 'https://accounts.evil.test' })],
    ['that is expired', () => ({ iat: now() - 7200, exp: now() - 3600 })],
    ['that does not expire', () => ({ exp: undefined })],
    ['that is not valid yet', () => ({ nbf: now() + 3600 })],
    ['of another nonce', () => ({ nonce: 'other' })],
    ['without a nonce', () => ({ nonce: undefined })],
    ['without a subject', () => ({ sub: undefined })],
    ['whose address is not verified', () => ({ email_verified: false })],
    ['whose address is verified by the string “true”', () => ({ email_verified: 'true' })],
    ['without an address', () => ({ email: undefined })],
  ])('%s is refused, and nothing is stored', async (_, change) => {
    const before = await counts();
    const claims = claimsOf();
    expect(outcomeOf(await send(await kit.google.idToken({ ...claims, ...change() }), claims.nonce))).toEqual(REFUSED);
    expect(await counts()).toEqual(before);
  });

  it('with the signature of another key, or without one, is refused', async () => {
    const claims = claimsOf();
    const { privateKey } = await generateKeyPair('RS256');
    expect(outcomeOf(await send(await kit.google.idToken(claims, privateKey), claims.nonce))).toEqual(REFUSED);
    const real = (await kit.google.idToken(claims)).split('.');
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    for (const forged of [`${none}.${real[1]}.`, `${real[0]}.${real[1]}.`, 'nonsense', `${real.join('.')}x`])
      expect(outcomeOf(await send(forged, claims.nonce))).toEqual(REFUSED);
  });

  it('works once', async () => {
    const claims = claimsOf();
    const token = await kit.google.idToken(claims);
    const answers = await Promise.all([send(token, claims.nonce), send(token, claims.nonce)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401]);
    expect(outcomeOf(await send(token, claims.nonce))).toEqual(REFUSED);
  });

  it.each(['==', ' '])('works once, also with “%s” appended', async (more) => {
    const claims = claimsOf();
    const token = await kit.google.idToken(claims);
    expect((await send(token, claims.nonce)).status).toBe(200);
    expect(outcomeOf(await send(token + more, claims.nonce))).toEqual(REFUSED);
  });

  it('is refused as an ID token of Facebook', async () => {
    const claims = claimsOf();
    expect(outcomeOf(await send(await kit.google.idToken(claims), claims.nonce, 'facebook'))).toEqual(REFUSED);
  });
});

describe('an ID token of Facebook', () => {
  it('signs in, and is refused for another app or nonce', async () => {
    const claims = { sub: '4711', email: randomEmail(), given_name: 'Ada', family_name: 'Lovelace', nonce: 'n-1' };
    const { status, body } = await send(await kit.facebook.idToken(claims), 'n-1', 'facebook');
    expect([status, body.user?.email]).toEqual([200, claims.email]);
    for (const change of [{ aud: 'other' }, { nonce: 'n-2' }, { iss: 'https://accounts.google.com' }])
      expect(outcomeOf(await send(await kit.facebook.idToken({ ...claims, ...change }), 'n-1', 'facebook'))).toEqual(REFUSED);
    expect(OAUTH2_CLIENT.id).not.toBe(GOOGLE_CLIENT.id);
  });
});

it('GitHub issues no ID tokens', async () => {
  expect(outcomeOf(await send('x.y.z', 'n', 'github')).slice(0, 2)).toEqual([400, 'BAD_USER_INPUT']);
});

it('responds with UNAVAILABLE if the keys cannot be loaded', async () => {
  const unavailable = await OAuthKit.start({ GOOGLE_ISSUER: 'http://127.0.0.1:1', FACEBOOK_URL: 'http://127.0.0.1:1' });
  try {
    for (const provider of ['google', 'facebook']) {
      const claims = claimsOf({ iss: 'http://127.0.0.1:1' });
      const body = { provider, idToken: await kit.google.idToken(claims), nonce: claims.nonce };
      expect(outcomeOf(await unavailable.service.post('/auth/oauth/id-token', body)).slice(0, 2)).toEqual([503, 'UNAVAILABLE']);
    }
  } finally {
    await unavailable.stop();
  }
});
