import { eventually } from '@chat/shared/testing';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { GatewayKit } from './kit/gateway-kit.js';
import { RawSocket } from './kit/raw-socket.js';

let kit: GatewayKit;
beforeAll(async () => {
  const limits = { MAX_SOCKETS_PER_USER: '3', MAX_SOCKETS_PER_ADDRESS: '6', MAX_UNAUTHENTICATED_SOCKETS_PER_ADDRESS: '2' };
  kit = await GatewayKit.start({ ...limits, RATE_LIMIT_SCALE: '1', TRUST_PROXY: '1', CORS_ORIGINS: 'https://app.example' });
});
afterAll(() => kit.stop());

const url = () => kit.url.replace('http', 'ws');
const socket = (address: string) => new RawSocket(url(), undefined, { 'x-forwarded-for': address });

/** 101, or the status with which the socket is refused. */
async function statusOf(headers: Record<string, string>): Promise<number> {
  const ws = new WebSocket(url(), 'graphql-transport-ws', { headers });
  const status = await Promise.race([
    once(ws, 'open').then(() => 101),
    once(ws, 'unexpected-response').then(([, response]) => (response as { statusCode: number }).statusCode),
  ]);
  ws.on('error', () => undefined);
  ws.terminate();
  return status;
}
const statusFrom = (address: string) => statusOf({ 'x-forwarded-for': address });

it('an address has a limited number of sockets without connection_init; a /64 is one address', async () => {
  const open = [await socket('2001:db8:1:2::1').opened(), await socket('2001:db8:1:2:ffff::2').opened()];
  expect(await statusFrom('2001:db8:1:2::3')).toBe(429);
  expect(await statusFrom('2001:db8:1:3::3')).toBe(101);
  open[0]!.ws.close();
  await eventually(async () => expect(await statusFrom('2001:db8:1:2::3')).toBe(101));
  open[1]!.ws.close();
});

it('an address has a limited number of sockets', async () => {
  const address = '192.0.2.1';
  const open: RawSocket[] = [];
  for (let n = 0; n < 6; n += 1) open.push(await socket(address).signIn((await kit.createUser()).token));
  expect(await statusFrom(address)).toBe(429);
  expect(await statusFrom('192.0.2.2')).toBe(101);
  open[0]!.ws.close();
  await eventually(async () => expect(await statusFrom(address)).toBe(101));
  for (const raw of open) raw.ws.close();
});

it('a user has a limited number of sockets; a further one is closed with 1013, and the others stay open', async () => {
  const { token } = await kit.createUser();
  const open: RawSocket[] = [];
  for (const address of ['192.0.2.11', '192.0.2.12', '192.0.2.13']) open.push(await socket(address).signIn(token));
  const refused = await socket('192.0.2.14').opened();
  refused.send({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } });
  expect(await refused.closed).toEqual({ code: 1013, reason: 'Too many sockets of this user' });
  expect(open.map(({ ws }) => ws.readyState)).toEqual([WebSocket.OPEN, WebSocket.OPEN, WebSocket.OPEN]);
  open[0]!.ws.close();
  await open[0]!.closed;
  await eventually(async () => {
    const again = await socket('192.0.2.14').opened();
    again.send({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } });
    await eventually(() => again.messages.length > 0, { timeoutMs: 1000 });
    again.ws.close();
  });
  for (const raw of open) raw.ws.close();
});

it('a page of another origin opens no socket, as it gets no answer by CORS', async () => {
  const { host } = new URL(kit.gateway.url);
  const origins = [
    ['https://app.example', 101],
    [`http://${host}`, 101],
    [`https://${host}`, 101],
    ['https://evil.example', 403],
    ['https://app.example.evil.example', 403],
    ['http://app.example', 403],
    ['null', 403],
    ['file://', 403],
    ['', 403],
  ] as const;
  for (const [n, [origin, status]] of origins.entries())
    expect(await statusOf({ origin, 'x-forwarded-for': `192.0.2.${20 + n}` }), origin).toBe(status);
});

it('a refused request keeps no connection open', async () => {
  const connection = connect({ port: Number(new URL(kit.gateway.url).port), host: '127.0.0.1', allowHalfOpen: true });
  connection.on('error', () => undefined);
  const headers = 'host: a\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13';
  connection.write(`GET /other HTTP/1.1\r\n${headers}\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`);
  const [answer] = (await once(connection, 'data')) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1.1 404/);
  await eventually(() => {
    connection.write('x');
    expect(connection.destroyed).toBe(true);
  });
});
