import { randomInt, randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { randomEmail } from '@chat/shared/testing';
import { Browser } from '@chat/testkit/browser';
import { GOOGLE_CLIENT } from '@chat/testkit/fake-google';
import { OAUTH2_CLIENT, type OAuth2Response } from '@chat/testkit/fake-oauth2-server';
import { decodeJwt, generateKeyPair } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { codeIn, errorIn, OAuthKit } from './kit/oauth-kit.js';

let kit: OAuthKit;
beforeAll(async () => {
  kit = await OAuthKit.start();
});
afterAll(() => kit?.stop());
afterEach(() => {
  kit.google.replaceIdToken = null;
  kit.github.answerTokenRequest = null;
});

const counts = async () => [await kit.countOf('accounts'), await kit.countOf('oauth_codes'), await kit.countOf('oauth_attempts')];

function newGoogleUser(): string {
  const subject = randomUUID();
  kit.google.users.set(subject, { email: randomEmail(), email_verified: true });
  return subject;
}

function newGithubUser(): string {
  const id = randomInt(1, 2 ** 40);
  const emails = [{ email: randomEmail(), primary: true, verified: true }];
  kit.github.users.set(String(id), { '/user': { id, login: `octo-${id}`, name: null }, '/user/emails': emails });
  return String(id);
}

describe('the ID token of the code flow', () => {
  const now = () => Math.floor(Date.now() / 1000);

  it('is accepted when it is signed with the published key, and audiences that are all ours need no further check', async () => {
    kit.google.replaceIdToken = (idToken) => kit.google.idToken(decodeJwt(idToken));
    expect(codeIn(await kit.throughGoogle(newGoogleUser()))).toHaveLength(43);
    kit.google.replaceIdToken = (idToken) =>
      kit.google.idToken({ ...decodeJwt(idToken), aud: [GOOGLE_CLIENT.id, 'other'], azp: GOOGLE_CLIENT.id });
    expect(codeIn(await kit.throughGoogle(newGoogleUser()))).toHaveLength(43);
  });

  it.each([
    ['issued to another client', () => ({ aud: 'another-client' })],
    ['issued to one of our native apps', () => ({ aud: 'google-android-client' })],
    ['issued for several audiences, to another client', () => ({ aud: [GOOGLE_CLIENT.id, 'other'], azp: 'other' })],
    ['issued for several audiences, without an authorized party', () => ({ aud: [GOOGLE_CLIENT.id, 'other'] })],
    ['of another issuer', () => ({ iss: 'https://accounts.evil.test' })],
    ['of another sign-in', () => ({ nonce: 'x'.repeat(43) })],
    ['without a nonce', () => ({ nonce: undefined })],
    ['expired', () => ({ iat: now() - 7200, exp: now() - 3600 })],
    ['without a time of issue', () => ({ iat: undefined })],
  ])('is refused when it is %s, and nothing is stored', async (_, change) => {
    const before = await counts();
    kit.google.replaceIdToken = (idToken) => kit.google.idToken({ ...decodeJwt(idToken), ...change() });
    expect(errorIn(await kit.throughGoogle(newGoogleUser()))).toBe('provider_refused');
    expect(await counts()).toEqual(before);
  });

  it('is refused when the signature is of another key or absent, or when there is no ID token', async () => {
    const { privateKey } = await generateKeyPair('RS256');
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    const unsigned = (idToken: string) => `${none}.${idToken.split('.')[1]}.`;
    for (const replace of [(idToken: string) => kit.google.idToken(decodeJwt(idToken), privateKey), unsigned, () => undefined, () => 7]) {
      kit.google.replaceIdToken = replace;
      expect(errorIn(await kit.throughGoogle(newGoogleUser()))).toBe('provider_refused');
    }
  });
});

describe('a response of the token endpoint', () => {
  const signIn = (response: () => OAuth2Response) => {
    kit.github.answerTokenRequest = response;
    return kit.through('github', newGithubUser());
  };

  it.each<[string, unknown]>([
    ['that is null', null],
    ['that is a list', []],
    ['whose token is no string', { access_token: { a: 1 }, token_type: 'bearer' }],
    ['whose token cannot be sent in a header', { access_token: 'a\r\nx-other: b', token_type: 'bearer' }],
    ['with a token of another type', { access_token: 'a', token_type: 'mac' }],
    ['that is too long', { access_token: 'a', token_type: 'bearer', more: 'x'.repeat(300 * 1024) }],
  ])('%s is refused', async (_, body) => {
    expect(errorIn(await signIn(() => ({ status: 200, body })))).toBe('provider_refused');
  });

  it.each([400, 401, 404])('with status %i is refused', async (status) => {
    expect(errorIn(await signIn(() => ({ status, body: { error: 'invalid_grant' } })))).toBe('provider_refused');
    expect(errorIn(await signIn(() => ({ status, body: 'no error of OAuth' })))).toBe('provider_refused');
  });

  it('with status 503 means that the provider is unavailable', async () => {
    expect(errorIn(await signIn(() => ({ status: 503, body: {} })))).toBe('provider_unavailable');
  });

  it('that redirects to another host is refused, and the other host receives nothing', async () => {
    const other = await listen(() => expect.unreachable());
    try {
      for (const status of [301, 302, 307, 308])
        expect(errorIn(await signIn(() => ({ status, location: other.url })))).toBe('provider_refused');
      expect(other.requests()).toBe(0);
    } finally {
      other.server.close();
    }
  });
});

it('accepts users whose names and addresses are no text', async () => {
  const id = randomInt(1, 2 ** 40);
  const emails = [{ email: randomEmail(), primary: true, verified: true }];
  kit.github.users.set(String(id), { '/user': { id, login: 5, name: {} }, '/user/emails': emails });
  const first = await kit.exchange(codeIn(await kit.through('github', String(id))));
  expect([first.status, first.body.user.username]).toEqual([200, expect.stringMatching(/^user\.\d{6}$/)]);
  // The account is found by the subject: the address does not matter any more.
  for (const email of [{}, 'a\0b', 'x'.repeat(10_000)]) {
    kit.github.users.set(String(id), { '/user': { id }, '/user/emails': [{ email, primary: true, verified: true }] });
    expect((await kit.exchange(codeIn(await kit.through('github', String(id))))).body.user?.userId).toBe(first.body.user.userId);
  }
});

it('stores an address in the form that registration requires', async () => {
  const id = randomInt(1, 2 ** 40);
  const email = randomEmail();
  kit.github.users.set(String(id), {
    '/user': { id, login: 'ada' },
    '/user/emails': [{ email: ` ${email}\n`, primary: true, verified: true }],
  });
  const { status, body } = await kit.exchange(codeIn(await kit.through('github', String(id))));
  expect([status, body.user.email]).toEqual([200, email]);
});

it('sends neither client secret nor access token in an address, and the verifier is not readable in the database', async () => {
  const browser = new Browser();
  kit.github.next = newGithubUser();
  kit.github.requests.length = 0;
  const { location } = await browser.go(`${kit.service.url}/auth/github`);
  const { rows } = await kit.service.database.query('select encrypted_verifier from oauth_attempts');
  const callback = await browser.go(location!);
  codeIn(await browser.go(callback.location!));
  const tokenRequest = kit.github.requests.find(({ form }) => form.has('code_verifier'))!;
  expect(tokenRequest.form.get('client_secret')).toBe(OAUTH2_CLIENT.secret);
  for (const { encrypted_verifier: stored } of rows) expect(stored.includes(tokenRequest.form.get('code_verifier'))).toBe(false);
  const apiRequests = kit.github.requests.filter(({ headers }) => headers.authorization?.startsWith('Bearer '));
  expect(apiRequests.map(({ url }) => url.pathname).sort()).toEqual(['/user', '/user/emails']);
  const secrets = [OAUTH2_CLIENT.secret, ...apiRequests.map(({ headers }) => headers.authorization!.slice('Bearer '.length))];
  for (const { url } of kit.github.requests) for (const secret of secrets) expect(url.href).not.toContain(secret);
});

describe('a callback that is no successful response', () => {
  it.each([
    ['has no code', (query: URLSearchParams) => query.delete('code')],
    ['has an empty code', (query: URLSearchParams) => query.set('code', '')],
    ['repeats the code', (query: URLSearchParams) => query.append('code', 'other')],
    ['names another issuer', (query: URLSearchParams) => query.set('iss', 'https://evil.test')],
    ['has an error and a code', (query: URLSearchParams) => query.set('error', 'server_error')],
  ])('because it %s is refused, uses the attempt up, and sends nothing to the provider', async (_, change) => {
    const browser = new Browser();
    kit.github.next = newGithubUser();
    const { location } = await browser.go(`${kit.service.url}/auth/github`);
    const url = new URL((await browser.go(location!)).location!);
    const cookies = new Map(browser.cookies.get(kit.service.url));
    kit.github.requests.length = 0;
    const changed = new URL(url);
    change(changed.searchParams);
    expect(errorIn(await browser.go(changed.href))).toBe('provider_refused');
    browser.cookies.set(kit.service.url, cookies);
    expect((await browser.go(url.href)).status).toBe(400);
    expect(kit.github.requests).toEqual([]);
  });
});

it('does not report a failure of our own database as a refusal of the provider', async () => {
  const browser = new Browser();
  kit.github.next = newGithubUser();
  const { location } = await browser.go(`${kit.service.url}/auth/github`);
  const callback = await browser.go(location!);
  await kit.service.database.query('alter table oauth_attempts rename to unavailable_attempts');
  try {
    expect((await browser.go(callback.location!)).status).toBe(500);
    expect((await browser.go(`${kit.service.url}/auth/github`)).status).toBe(500);
  } finally {
    await kit.service.database.query('alter table unavailable_attempts rename to oauth_attempts');
  }
  expect(codeIn(await browser.go(callback.location!))).toHaveLength(43);
});

it.each<[string, (url: string) => object]>([
  ['of another issuer', () => ({ issuer: 'https://accounts.evil.test' })],
  ['without a token endpoint', () => ({ token_endpoint: undefined })],
  ['without an authorization endpoint', () => ({ authorization_endpoint: undefined })],
  ['without keys', () => ({ jwks_uri: undefined })],
  ['with an endpoint that does not use https', () => ({ authorization_endpoint: 'http://accounts.evil.test/authorize' })],
])('does not use metadata %s', async (_, change) => {
  const metadata = await listen((url) => ({
    issuer: url,
    authorization_endpoint: `${url}/authorize`,
    token_endpoint: `${url}/token`,
    jwks_uri: `${url}/keys`,
    ...change(url),
  }));
  const misled = await OAuthKit.start({ GOOGLE_ISSUER: metadata.url });
  try {
    const { status, body } = await misled.service.get('/auth/google');
    expect([status, body.code]).toEqual([400, 'BAD_USER_INPUT']);
    expect(await misled.countOf('oauth_attempts')).toBe(0);
  } finally {
    await misled.stop();
    metadata.server.close();
  }
});

async function listen(bodyFor: (url: string) => unknown): Promise<{ url: string; server: Server; requests: () => number }> {
  let requests = 0;
  const server = createServer((_, response) => {
    requests += 1;
    response.end(JSON.stringify(bodyFor(url)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, server, requests: () => requests };
}
