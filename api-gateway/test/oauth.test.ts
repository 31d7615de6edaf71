import { AppError } from '@chat/shared/errors';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GatewayKit } from './kit/gateway-kit.js';

let kit: GatewayKit;
beforeAll(async () => {
  kit = await GatewayKit.start();
});
afterAll(() => kit?.stop());

const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';
const START = { url: 'http://localhost:3000/auth/google?expires=1', expiresAt: '2026-01-01T00:00:00.000Z' };

describe('the URL for the browser', () => {
  it('comes from auth-service, for web and mobile', async () => {
    kit.services.handlers.set('GET /auth/oauth/url/google', () => START);
    kit.services.handlers.set('GET /auth/oauth/url/github', () => START);
    kit.services.handlers.set('GET /auth/oauth/providers', () => ['google', 'github']);
    const { data, errors } = await kit.ask(
      `query ($c: String!) {
        web: getGoogleAuthUrl { url }
        mobile: getGoogleAuthUrl(platform: "mobile", codeChallenge: $c) { url }
        any: getOAuthUrl(provider: GITHUB, platform: MOBILE, codeChallenge: $c) { url expiresAt }
        getOAuthProviders
      }`,
      { c: CHALLENGE },
    );
    expect(errors).toEqual([]);
    expect(data).toEqual({ web: { url: START.url }, mobile: { url: START.url }, any: START, getOAuthProviders: ['GOOGLE', 'GITHUB'] });
    const queries = kit.services.callsOf('GET', '/auth/oauth/url/google').map(({ query }) => Object.fromEntries(query));
    expect(queries).toContainEqual({ platform: 'web' });
    expect(queries).toContainEqual({ platform: 'mobile', codeChallenge: CHALLENGE });
  });

  it('an invalid platform or challenge is BAD_USER_INPUT before any other check', async () => {
    kit.services.handlers.set('GET /auth/oauth/url/facebook', () => {
      throw new AppError('not-configured', 'oauth/not-configured', 'Not here.');
    });
    for (const [query, code] of [
      ['{ getGoogleAuthUrl(platform: "desktop") { url } }', 'BAD_USER_INPUT'],
      ['{ getGoogleAuthUrl(codeChallenge: "abc") { url } }', 'BAD_USER_INPUT'],
      ['{ getOAuthUrl(provider: FACEBOOK, codeChallenge: "abc") { url } }', 'BAD_USER_INPUT'],
      [`{ getOAuthUrl(provider: FACEBOOK, codeChallenge: "${CHALLENGE}") { url } }`, 'NOT_CONFIGURED'],
    ]) {
      const { errors } = await kit.ask(query!);
      expect(errors.map(({ extensions }) => extensions.code)).toEqual([code]);
    }
  });
});

it('signs in with a one-time code and with an ID token', async () => {
  const { userId, token } = await kit.createUser();
  const user = { userId, email: 'a@b.test', username: 'ada', provider: 'google', emailVerified: true, totpEnabled: false };
  const answer = () => ({ accessToken: token, refreshToken: 'r', expiresInSeconds: 900, user });
  kit.services.handlers.set('POST /auth/oauth/exchange', answer);
  kit.services.handlers.set('POST /auth/oauth/id-token', answer);
  const { data, errors } = await kit.ask(
    `mutation {
      code: exchangeOAuthCode(code: "c", codeVerifier: "v") { accessToken user { userId provider } }
      bare: exchangeOAuthCode(code: "c") { accessToken }
      idToken: signInWithIdToken(provider: GOOGLE, idToken: "t", nonce: "n") { user { userId } }
    }`,
  );
  expect(errors).toEqual([]);
  expect(data.code).toEqual({ accessToken: token, user: { userId, provider: 'google' } });
  expect(kit.services.callsOf('POST', '/auth/oauth/exchange').map(({ body }) => body)).toEqual([
    { code: 'c', codeVerifier: 'v' },
    { code: 'c' },
  ]);
  expect(kit.services.callsOf('POST', '/auth/oauth/id-token')[0]!.body).toEqual({ provider: 'google', idToken: 't', nonce: 'n' });
});

it('lists and unlinks the linked accounts of the current user', async () => {
  const { token, userId } = await kit.createUser();
  const linked = { provider: 'github', email: null, linkedAt: START.expiresAt };
  kit.services.handlers.set('GET /auth/oauth/linked', () => [linked]);
  kit.services.handlers.set('DELETE /auth/oauth/linked/github', () => null);
  const query = 'query { getLinkedAccounts { provider email linkedAt } }';
  expect((await kit.ask(query, {}, token)).data.getLinkedAccounts).toEqual([{ ...linked, provider: 'GITHUB' }]);
  expect((await kit.ask('mutation { unlinkAccount(provider: GITHUB) }', {}, token)).data.unlinkAccount).toBe(true);
  expect(kit.services.callsOf('DELETE', '/auth/oauth/linked/github')[0]!.userId).toBe(userId);
  for (const operation of [query, 'mutation { unlinkAccount(provider: GITHUB) }'])
    expect((await kit.ask(operation)).errors[0]!.extensions.code).toBe('UNAUTHENTICATED');
});
