import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { ConversationFileUrls } from '../src/files/conversation-file-urls.js';
import { GatewayKit } from './kit/gateway-kit.js';

/** chat-service, as far as the transfer of files needs it. */
let service: Server;
let seen: IncomingMessage[] = [];
let kit: GatewayKit;
beforeAll(async () => {
  service = createServer((request, response) => {
    seen.push(request);
    response.writeHead(200, { 'content-type': 'image/png', 'cache-control': 'private, no-cache', 'x-inner': 'x' }).end('image');
  });
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  kit = await GatewayKit.start({ CHAT_SERVICE_URL: `http://127.0.0.1:${(service.address() as AddressInfo).port}` });
});
afterAll(async () => {
  await kit?.stop();
  service?.closeAllConnections();
  service?.close();
});
beforeEach(() => void (seen = []));

const userId = randomUUID();
const fileId = randomUUID();
/** At this gateway. */
const local = (url: string) => kit.gateway.url + new URL(url).pathname + new URL(url).search;
const signed = () => local(kit.gateway.app.get(ConversationFileUrls).urlFor(userId, { fileId, variant: 'original' }));
const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString());

it('a signed URL is read on behalf of its user, with nothing else of the client', async () => {
  const response = await fetch(signed(), { headers: { authorization: 'Bearer forged', range: 'bytes=0-3', cookie: 'a=b' } });
  expect([response.status, await response.text(), response.headers.get('x-inner')]).toEqual([200, 'image', null]);
  expect(response.headers.get('cache-control')).toMatch(/^private, max-age=[1-9]\d*, immutable$/);
  const { url, headers } = seen[0]!;
  expect([url, headers.range, headers.cookie]).toEqual([`/files/${fileId}/original`, 'bytes=0-3', undefined]);
  expect(claimsOf(headers.authorization!.slice('Bearer '.length))).toMatchObject({ iss: 'api-gateway', aud: 'chat-service', sub: userId });
});

it('without a signature, the token of the client decides', async () => {
  const url = signed().split('?')[0]!;
  const response = await fetch(url, { headers: { authorization: 'Bearer own' } });
  expect([response.headers.get('cache-control'), seen[0]!.headers.authorization]).toEqual(['private, no-cache', 'Bearer own']);
});

it('a wrong signature, no token or a strange path reaches no service', async () => {
  const url = new URL(signed());
  const wrong = ['user', 'expires', 'signature'].map((name) => {
    const changed = new URL(url);
    changed.searchParams.set(name, '1');
    return changed.href;
  });
  const twice = `${url.href}&user=${randomUUID()}`;
  for (const one of [...wrong, twice, url.href.split('?')[0]!, url.href.replace(fileId, randomUUID())])
    expect((await fetch(one)).status).toBe(404);
  expect((await fetch(url.href.replace(fileId, 'x'))).status).toBe(400);
  expect(seen).toEqual([]);
});
