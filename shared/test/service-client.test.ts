import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { runInContext } from '../src/observability/index.js';
import { pathOf, ServiceClient } from '../src/http/index.js';

const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one.close();
});

async function clientTo(listener: RequestListener, timeoutMs = 2000): Promise<ServiceClient> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = new ServiceClient({
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    serviceName: 'profile-service',
    timeoutMs,
  });
  opened.push({ close: () => (server.close(), server.closeAllConnections()) }, { close: () => client.close().catch(() => {}) });
  return client;
}

const problem = (status: number, body: object) => (_: unknown, response: Parameters<RequestListener>[1]) =>
  void response.writeHead(status, { 'content-type': 'application/problem+json' }).end(JSON.stringify(body));

describe('ServiceClient', () => {
  it('passes token, query, body and context on', async () => {
    const client = await clientTo((request, response) => {
      let text = '';
      request.on('data', (chunk) => (text += chunk));
      request.on('end', () => {
        const { authorization, traceparent } = request.headers;
        response.end(
          JSON.stringify({ url: request.url, text, authorization, traceparent, correlationId: request.headers['x-correlation-id'] }),
        );
      });
    });
    const answer = await runInContext({ correlationId: 'c1', traceparent: 'tp' }, () =>
      client.request({
        method: 'POST',
        path: pathOf('profiles', 'a/b'),
        query: { q: 'ä&b', none: undefined, n: 0, f: false },
        body: { a: 1 },
        token: 't',
      }),
    );
    expect(answer).toEqual({
      url: '/profiles/a%2Fb?q=%C3%A4%26b&n=0&f=false',
      text: '{"a":1}',
      authorization: 'Bearer t',
      traceparent: 'tp',
      correlationId: 'c1',
    });
  });

  it('ends a call at its deadline, also when the body never ends', async () => {
    const silent = await clientTo(() => {}, 100);
    await expect(silent.request({ method: 'GET', path: '/' })).rejects.toMatchObject({
      kind: 'unavailable',
      code: 'profile-service/unavailable',
    });
    const endless = await clientTo((_, response) => void response.writeHead(200).write('{'), 100);
    await expect(endless.request({ method: 'GET', path: '/' })).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('rejects with the AppError of a problem', async () => {
    const client = await clientTo(
      problem(409, {
        type: 'urn:chat:error:user/taken',
        title: 'Conflict',
        status: 409,
        detail: 'Taken.',
        code: 'CONFLICT',
        requestId: 'r',
        field: 'email',
      }),
    );
    await expect(client.request({ method: 'POST', path: '/', body: {} })).rejects.toMatchObject({
      name: 'AppError',
      kind: 'conflict',
      code: 'user/taken',
      message: 'Taken.',
      details: { field: 'email' },
    });
  });

  it.each([502, 503, 504])('treats a %i that is not a problem as unavailable', async (status) => {
    const client = await clientTo((_, response) => void response.writeHead(status).end('<html>'));
    await expect(client.request({ method: 'POST', path: '/' })).rejects.toMatchObject({
      kind: 'unavailable',
      code: 'profile-service/unavailable',
    });
  });

  it('treats a refused connection as unavailable', async () => {
    const client = new ServiceClient({ baseUrl: 'http://127.0.0.1:20153', serviceName: 'auth-service' });
    await expect(client.request({ method: 'GET', path: '/' })).rejects.toMatchObject({
      kind: 'unavailable',
      code: 'auth-service/unavailable',
    });
    await client.close();
  });

  it('repeats a GET once when the connection breaks, and never a POST', async () => {
    let calls = 0;
    const client = await clientTo((request, response) => {
      calls++;
      if (calls === 1) request.socket.destroy();
      else response.end('{"ok":true}');
    });
    expect(await client.request({ method: 'GET', path: '/' })).toEqual({ ok: true });
    expect(calls).toBe(2);

    let posts = 0;
    const posting = await clientTo((request) => {
      posts++;
      request.socket.destroy();
    });
    await expect(posting.request({ method: 'POST', path: '/', body: {} })).rejects.toMatchObject({ kind: 'unavailable' });
    expect(posts).toBe(1);

    let gets = 0;
    const broken = await clientTo((request) => {
      gets++;
      request.socket.destroy();
    });
    await expect(broken.request({ method: 'GET', path: '/' })).rejects.toMatchObject({ kind: 'unavailable' });
    expect(gets).toBe(2);
  });

  it('reads an empty answer as undefined, and treats an unreadable one as an internal error', async () => {
    const empty = await clientTo((_, response) => void response.writeHead(204).end());
    expect(await empty.request({ method: 'POST', path: '/' })).toBeUndefined();
    const odd = await clientTo((_, response) => void response.end('<html>'));
    await expect(odd.request({ method: 'GET', path: '/' })).rejects.toMatchObject({ kind: 'internal' });
  });
});
