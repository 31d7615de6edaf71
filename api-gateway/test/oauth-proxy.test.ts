import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GatewayKit } from './kit/gateway-kit.js';

const CODE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';

let auth: Server;
let seen: IncomingMessage[] = [];
let kit: GatewayKit;
beforeAll(async () => {
  auth = createServer((request, response) => {
    // The gateway fetches the keys at its start.
    if (request.url !== '/.well-known/jwks.json') seen.push(request);
    response.writeHead(302, {
      location: 'https://provider.test/?state=x',
      'set-cookie': ['oauth-1=secret; HttpOnly', 'oauth-2=; Max-Age=0'],
      'cache-control': 'no-store',
      'x-inner': 'not for clients',
    });
    response.end();
  });
  await new Promise<void>((resolve) => auth.listen(0, '127.0.0.1', resolve));
  kit = await GatewayKit.start({ AUTH_SERVICE_URL: `http://127.0.0.1:${(auth.address() as AddressInfo).port}` });
});
afterAll(async () => {
  await kit?.stop();
  auth?.close();
});

const open = (path: string, headers: Record<string, string> = {}) => fetch(kit.gateway.url + path, { redirect: 'manual', headers });

it.each(['google', 'google/callback', 'google/mobile', 'github/mobile/callback', 'facebook/callback'])(
  'a path of sign-in at a provider is proxied to auth-service: %s',
  async (path) => {
    seen = [];
    const query = `?code=a%2Fb&state=${randomUUID()}`;
    const answer = await open(`/auth/${path}${query}`, { cookie: 'oauth-1=secret', 'user-agent': 'browser', 'x-user-id': 'forged' });
    expect(seen[0]!.url).toBe(`/auth/${path}${query}`);
    expect(seen[0]!.headers).toMatchObject({ cookie: 'oauth-1=secret', 'user-agent': 'browser', 'x-forwarded-for': '127.0.0.1' });
    expect(seen[0]!.headers['x-user-id']).toBeUndefined();
    expect([answer.status, answer.headers.get('location'), answer.headers.get('cache-control')]).toEqual([
      302,
      'https://provider.test/?state=x',
      'no-store',
    ]);
    expect(answer.headers.getSetCookie()).toEqual(['oauth-1=secret; HttpOnly', 'oauth-2=; Max-Age=0']);
    expect(answer.headers.get('x-inner')).toBeNull();
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
  },
);

it('the gateway has a page on which a sign-in ends if there is no web client, without a request to auth-service', async () => {
  seen = [];
  const response = await open(`/auth/callback?provider=google&code=${CODE}`);
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  expect(await response.text()).toContain(`exchangeOAuthCode(code: "${CODE}"`);
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(response.headers.get('referrer-policy')).toBe('no-referrer');
  expect(response.headers.get('x-frame-options')).toBe('DENY');
  expect(response.headers.get('content-security-policy')).toMatch(
    /^default-src 'none'; style-src 'sha256-[\w+/=]{44}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'$/,
  );
  expect((await open('/auth/callback?provider=google&code=%3Cscript%3E')).status).toBe(400);
  expect(seen).toEqual([]);
});

it('other paths of auth-service are not proxied', async () => {
  seen = [];
  for (const path of ['/auth/me', '/auth/oauth/providers', '/auth/google/../login', '/auth/myspace'])
    expect((await open(path)).status).toBe(404);
  expect(seen).toEqual([]);
});

it('answers UNAVAILABLE while auth-service is unavailable', async () => {
  auth.closeAllConnections();
  await new Promise((resolve) => auth.close(resolve));
  const answer = await open('/auth/google');
  expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([503, 'UNAVAILABLE']);
});
