import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GatewayKit } from './kit/gateway-kit.js';

let kit: GatewayKit;
beforeAll(async () => {
  kit = await GatewayKit.start();
});
afterAll(() => kit?.stop());

interface RawAnswer {
  status: number;
  noStore: boolean;
  text: string;
}

/** A request whose target is sent as it is; fetch() would bring it into the usual form. */
function send(method: 'GET' | 'POST', target: string, headers: Record<string, string> = {}): Promise<RawAnswer> {
  const { hostname, port } = new URL(kit.gateway.url);
  const body = method === 'POST' ? JSON.stringify({ query: '{ hello }' }) : undefined;
  const all = { ...(body ? { 'content-type': 'application/json' } : {}), ...headers };
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ hostname, port, method, path: target, headers: all, agent: false }, (answer) => {
      let text = '';
      answer.on('data', (chunk) => (text += chunk));
      answer.on('end', () => resolve({ status: answer.statusCode!, noStore: answer.headers['cache-control'] === 'no-store', text }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const QUERY = `?query=${encodeURIComponent('{ hello }')}`;

it.each(['/graphql', '/%67raphql', '/graph%71l', 'http://chat.example/graphql', 'http://chat.example/%67raphql'])(
  'the rules of GraphQL over HTTP hold for the spelling %s',
  async (target) => {
    const posted = await send('POST', target);
    expect([posted.status, posted.noStore]).toEqual([200, true]);
    expect(posted.text).toContain('"hello"');
    const got = await send('GET', target + QUERY);
    expect([got.status, got.noStore]).toEqual([405, true]);
    expect((await send('POST', target, { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await send('POST', target, { 'content-encoding': 'gzip' })).status).toBe(415);
  },
);

it.each(['/graphql/', '//graphql', '/GraphQL', '/graphql%2f', '/./graphql', '/x/../graphql', 'http://chat.example//graphql'])(
  'no operation is executed at %s',
  async (target) => {
    for (const answer of [await send('POST', target), await send('GET', target + QUERY)]) {
      expect(answer.status).toBe(404);
      expect(answer.text).not.toContain('"hello"');
    }
  },
);

it.each([
  ['/graphql', { host: '[' }],
  ['/graphql', { host: 'a b' }],
  ['http://[/graphql', {}],
] as [string, Record<string, string>][])('a host that is none is a mistake of the client: %s %j', async (target, headers) => {
  const { status } = await send('POST', target, headers);
  expect(status).toBeGreaterThanOrEqual(400);
  expect(status).toBeLessThan(500);
});

it('an absolute URL leads the proxy of sign-in to auth-service, and nowhere else', async () => {
  kit.services.handlers.set('GET /auth/google', ({ query }) => ({ asked: query.get('platform') }));
  for (const target of ['/auth/%67oogle?platform=web', 'http://elsewhere.example/auth/google?platform=web'])
    expect(await send('GET', target)).toMatchObject({ status: 200, text: '{"asked":"web"}' });
});
