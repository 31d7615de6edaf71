import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { getJson, requestProvider } from '../src/oauth/providers/provider-http.js';

const LIMITS = { timeoutMs: 200, maxResponseBytes: 1000 };
const UNAVAILABLE = { kind: 'unavailable', code: 'oauth/provider-unavailable' };
const REFUSED = { kind: 'invalid', code: 'oauth/refused' };

let server: Server;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serve(listener: RequestListener): Promise<string> {
  server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

it('a provider that does not respond is unavailable after the deadline', async () => {
  const url = await serve(() => undefined);
  await expect(requestProvider(url, {}, LIMITS)).rejects.toMatchObject(UNAVAILABLE);
});

it('a provider that stops in the middle of a response is unavailable after the deadline', async () => {
  const url = await serve((_, response) => void response.write('{'));
  await expect(requestProvider(url, {}, LIMITS)).rejects.toMatchObject(UNAVAILABLE);
});

it('a provider that closes the connection is unavailable', async () => {
  const url = await serve((request) => void request.socket.destroy());
  await expect(requestProvider(url, {}, LIMITS)).rejects.toMatchObject(UNAVAILABLE);
});

it('a response may have the maximal length, and is refused beyond it before it has been read', async () => {
  const url = await serve((request, response) => {
    response.write('x'.repeat(1000));
    if (request.url === '/long') response.write('x');
    else response.end();
  });
  expect((await requestProvider(`${url}/short`, {}, LIMITS)).text).toHaveLength(1000);
  await expect(requestProvider(`${url}/long`, {}, LIMITS)).rejects.toMatchObject(REFUSED);
});

it('a redirect is a response like others', async () => {
  const url = await serve((_, response) => void response.writeHead(302, { location: 'https://evil.test' }).end());
  expect((await requestProvider(url, {}, LIMITS)).status).toBe(302);
  await expect(getJson(url)).rejects.toMatchObject(REFUSED);
});

it('http is refused except on this machine', async () => {
  await expect(requestProvider('http://provider.test/token')).rejects.toMatchObject(REFUSED);
  await expect(requestProvider('file:///etc/passwd')).rejects.toMatchObject(REFUSED);
});
