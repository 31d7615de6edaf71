import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { eventually } from '@chat/shared/testing';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { GatewayKit } from './kit/gateway-kit.js';

/** profile-service, as far as the transfer of files needs it. */
let service: Server;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let seen: IncomingMessage[] = [];
let kit: GatewayKit;

beforeAll(async () => {
  service = createServer((request, response) => {
    seen.push(request);
    answer(request, response);
  });
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  kit = await GatewayKit.start({
    PROFILE_SERVICE_URL: `http://127.0.0.1:${(service.address() as AddressInfo).port}`,
    FILES_TRANSFERS_PER_ADDRESS: '3',
    FILES_UPLOAD_TIMEOUT: '3',
    RATE_LIMIT_FILES: '1/60',
  });
});
afterAll(async () => {
  await kit?.stop();
  service?.closeAllConnections();
  service?.close();
});
beforeEach(() => void (seen = []));

const SIGNED = 'expires=1&signature=x';
const fileUrl = (query = SIGNED) => `${kit.gateway.url}/files/profiles/${randomUUID()}/original?${query}`;
const uploadUrl = () => `${kit.gateway.url}/files/profiles/uploads/${randomUUID()}?${SIGNED}`;

it('what Cloudinary tells of an upload is passed on byte for byte, with its signature and nothing else', async () => {
  let received = '';
  answer = (request, response) => {
    request.on('data', (part: Buffer) => (received += part.toString('latin1')));
    request.on('end', () => response.writeHead(204).end());
  };
  const body = '{ "bytes" : 1.0,\n "é": 1, ';
  const headers = { 'content-type': 'application/json', 'x-cld-timestamp': '1', 'x-cld-signature': 'ab', authorization: 'Bearer x' };
  const url = `${kit.gateway.url}/files/profiles/notifications/cloudinary`;
  expect((await fetch(url, { method: 'POST', headers, body })).status).toBe(204);
  expect(received).toBe(Buffer.from(body).toString('latin1'));
  expect(seen[0]!.url).toBe('/files/notifications/cloudinary');
  expect(seen[0]!.headers).toMatchObject({ 'x-cld-timestamp': '1', 'x-cld-signature': 'ab' });
  expect(seen[0]!.headers.authorization).toBeUndefined();
});

it('a file is passed on with its headers, and nothing of the client but what concerns the file', async () => {
  answer = (_request, response) =>
    response
      .writeHead(206, {
        'content-type': 'image/png',
        'content-range': 'bytes 0-3/10',
        'content-length': 4,
        'content-security-policy': 'sandbox',
        'cache-control': 'private, max-age=500',
        'x-inner': 'not for clients',
      })
      .end('abcd');
  const headers = { range: 'bytes=0-3', 'if-none-match': '"x"', cookie: 'secret=1', authorization: 'Bearer x', 'x-user-id': 'forged' };
  const response = await fetch(fileUrl(`${SIGNED}&more=1`), { headers });
  expect([response.status, await response.text()]).toEqual([206, 'abcd']);
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-type': 'image/png',
    'content-range': 'bytes 0-3/10',
    'content-security-policy': 'sandbox',
    'cache-control': 'private, max-age=500',
    'x-content-type-options': 'nosniff',
  });
  expect(response.headers.get('x-inner')).toBeNull();
  expect(seen[0]!.url).toMatch(/^\/files\/[0-9a-f-]{36}\/original\?expires=1&signature=x$/);
  expect(seen[0]!.headers).toMatchObject({ range: 'bytes=0-3', 'if-none-match': '"x"' });
  for (const name of ['cookie', 'authorization', 'x-user-id']) expect(seen[0]!.headers[name]).toBeUndefined();
});

it('only ids and names of files lead to profile-service', async () => {
  answer = (_request, response) => response.end('reached');
  for (const path of ['x/original', `${randomUUID()}/../../profiles/me`, `${randomUUID()}%2f..%2f..%2fprofiles/me`, 'uploads/x'])
    expect((await fetch(`${kit.gateway.url}/files/profiles/${path}?${SIGNED}`)).status).toBeGreaterThanOrEqual(400);
  expect(seen.map(({ url }) => url)).toEqual([]);
});

it('the bytes of an upload are passed on as they are, with their length', async () => {
  let received = 0;
  answer = async (request, response) => {
    for await (const chunk of request) received += (chunk as Buffer).length;
    response.writeHead(204).end();
  };
  const body = new Uint8Array(3_000_000);
  const response = await fetch(uploadUrl(), { method: 'PUT', body, headers: { 'content-type': 'application/octet-stream' } });
  expect([response.status, received]).toEqual([204, body.length]);
  expect(seen[0]!.headers['content-length']).toBe(String(body.length));
});

it('an upload that the service refuses at once gets that answer, however much the client still wants to send', async () => {
  answer = (_request, response) =>
    response.writeHead(413, { 'content-type': 'application/problem+json' }).end(JSON.stringify({ code: 'PAYLOAD_TOO_LARGE' }));
  const body = new Uint8Array(20_000_000);
  const response = await fetch(uploadUrl(), { method: 'PUT', body, headers: { 'content-type': 'application/octet-stream' } });
  expect([response.status, await response.json()]).toEqual([413, { code: 'PAYLOAD_TOO_LARGE' }]);
});

it('other bodies than bytes, and bodies without a length, are refused', async () => {
  const put = (headers: Record<string, string>, body: string | ReadableStream) =>
    fetch(uploadUrl(), { method: 'PUT', headers, body, duplex: 'half' } as RequestInit).then(({ status }) => status);
  expect(await put({ 'content-type': 'text/html' }, 'x')).toBe(400);
  const stream = new Blob(['x']).stream();
  expect(await put({ 'content-type': 'application/octet-stream' }, stream)).toBe(400);
  expect(seen).toEqual([]);
});

it('when the client breaks off, so does the transfer, in both directions', async () => {
  const ended: string[] = [];
  answer = (request, response) => {
    request.once('close', () => ended.push('upload'));
    response.once('close', () => ended.push('download'));
    response.writeHead(200, { 'content-length': 100 }).write('x');
  };
  const reading = new AbortController();
  await fetch(fileUrl(), { signal: reading.signal });
  reading.abort();
  await eventually(() => ended.includes('download'));
  answer = (request) => void request.once('close', () => ended.push('broken upload')).resume();
  const upload = await openUpload(1000);
  upload.write('x');
  await eventually(() => seen.some(({ method }) => method === 'PUT'));
  upload.destroy();
  await eventually(() => ended.includes('broken upload'));
});

it('an address has few transfers at a time, and further ones are told when to try again', async () => {
  answer = (_request, response) => void response.writeHead(200, { 'content-length': 100 }).write('x');
  const reading = new AbortController();
  await Promise.all(Array.from({ length: 3 }, () => fetch(fileUrl(), { signal: reading.signal })));
  const refused = await fetch(fileUrl());
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '5']);
  reading.abort();
  answer = (_request, response) => response.end('x');
  await eventually(async () => (await fetch(fileUrl())).status === 200);
});

it('a transfer that takes too long is ended, however steadily it drips', async () => {
  answer = (request) => void request.resume();
  const upload = await openUpload(1000);
  const timer = setInterval(() => upload.write('x'), 100);
  const [text] = (await once(upload, 'data')) as [Buffer];
  clearInterval(timer);
  expect(text.toString()).toContain('503');
  upload.destroy();
});

it('while profile-service is unavailable, files are UNAVAILABLE', async () => {
  answer = (request) => request.socket.destroy();
  const response = await fetch(fileUrl());
  expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([503, 'UNAVAILABLE']);
});

it('an address may load only so many files in a time', async () => {
  answer = (_request, response) => response.end('x');
  // RATE_LIMIT_SCALE multiplies the limit by 100.
  const statuses = new Set<number>();
  for (let i = 0; i < 101; i++) statuses.add((await fetch(fileUrl())).status);
  expect(statuses).toContain(429);
});

/** A PUT whose body the test sends piece by piece. */
async function openUpload(length: number) {
  const { hostname, port, pathname, search } = new URL(uploadUrl());
  const connection = connect(Number(port), hostname);
  connection.on('error', () => {});
  await once(connection, 'connect');
  connection.write(
    `PUT ${pathname}${search} HTTP/1.1\r\nhost: x\r\ncontent-type: application/octet-stream\r\ncontent-length: ${length}\r\n\r\n`,
  );
  return connection;
}
