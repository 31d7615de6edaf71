import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { currentContext } from '../../src/observability/index.js';
import type { RpcContext } from '../../src/rpc/index.js';
import { eventually } from '../../src/testing/index.js';
import { call, clientOf, closeOpened, opened, serve } from '../kit/rpc.js';

const UUID = /^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[\da-f]{4}-[\da-f]{12}$/;

/** As a guard does with a valid token. */
const accept = async (data: unknown, context: RpcContext) => {
  if (context.token === 'valid') context.user = { userId: 'u1' };
  return data;
};

interface Stranger {
  socket: Socket;
  isClosed: () => boolean;
  received: () => string;
}

function stranger(port: number, allowHalfOpen = false): Stranger {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen });
  let [closed, text] = [false, ''];
  socket.on('data', (chunk) => (text += chunk.toString()));
  socket.on('error', () => {});
  socket.on('close', () => (closed = true));
  opened.push({ close: () => socket.destroy() });
  return { socket, isClosed: () => closed, received: () => text };
}

const lineOf = (request: object) => `${JSON.stringify({ id: 1, pattern: 'echo', data: 1, token: 'valid', ...request })}\n`;

describe('RpcServer', () => {
  afterEach(closeOpened);

  it('accepts no more connections than its limit, and serves those that it has', async () => {
    const { port } = await serve({ echo: accept }, 0, { maxConnections: 2 });
    const client = clientOf(port);
    await call(client, 'echo', 1, { token: 'valid' });
    const second = stranger(port);
    second.socket.write(lineOf({}));
    await eventually(() => second.received() !== '');
    const third = stranger(port);
    await eventually(third.isClosed);
    expect(await call(client, 'echo', 2, { token: 'valid' })).toBe(2);
    expect(second.isClosed()).toBe(false);
  });

  it('closes a connection on which no token was accepted in time, whatever it sends, and no other one', async () => {
    const { port } = await serve({ echo: accept }, 0, { authenticateWithinMs: 300 });
    const client = clientOf(port);
    await call(client, 'echo', 1, { token: 'valid' });
    const socketOfClient = client.unwrap<Socket>();
    const silent = stranger(port);
    const endless = stranger(port);
    const drip = setInterval(() => endless.socket.write('x'), 20);
    opened.push({ close: () => clearInterval(drip) });
    const invalid = stranger(port);
    const invalidRequests = setInterval(() => invalid.socket.write(lineOf({ token: 'forged' })), 20);
    opened.push({ close: () => clearInterval(invalidRequests) });
    const pinging = stranger(port, true); // and ignores GOAWAY
    const pings = setInterval(() => pinging.socket.write(lineOf({ pattern: 'ping' })), 20);
    opened.push({ close: () => clearInterval(pings) });
    await eventually(() => [silent, endless, invalid, pinging].every(({ isClosed }) => isClosed()));
    expect(await call(client, 'echo', 2, { token: 'valid' })).toBe(2);
    expect(client.unwrap<Socket>()).toBe(socketOfClient);
  });

  it('lets a client whose tokens were all invalid go on without losing a request', async () => {
    const { port } = await serve({ echo: accept }, 0, { authenticateWithinMs: 50 });
    const client = clientOf(port, 10_000);
    const seen = new Set<Socket>();
    for (let n = 0; n < 200 || seen.size < 3; n++) {
      expect(await call(client, 'echo', n, { token: 'forged' })).toBe(n);
      seen.add(client.unwrap<Socket>());
    }
  });

  it.each([
    ['longer than 128 characters', 'x'.repeat(129)],
    ['of several lines', 'a\nb'],
    ['that is no text', { $ne: null }],
    ['that is empty', ''],
  ])('replaces a correlation id %s', async (_, correlationId) => {
    const { port } = await serve({ which: async () => currentContext()?.correlationId });
    const client = stranger(port);
    client.socket.write(lineOf({ pattern: 'which', correlationId }));
    await eventually(() => client.received().endsWith('\n'));
    expect(JSON.parse(client.received()).result).toMatch(UUID);
  });

  it('keeps a correlation id, and drops a traceparent that is none', async () => {
    const { port } = await serve({ which: async () => currentContext() });
    const client = stranger(port);
    client.socket.write(lineOf({ pattern: 'which', correlationId: 'abc-123', traceparent: 'x'.repeat(1000) }));
    await eventually(() => client.received().endsWith('\n'));
    expect(JSON.parse(client.received()).result).toEqual({ correlationId: 'abc-123' });
  });

  it('closes a connection whose request has a token that is no text', async () => {
    let handled = false;
    const { port } = await serve({ echo: async () => (handled = true) });
    const client = stranger(port);
    client.socket.write(lineOf({ token: { length: 1 } }));
    await eventually(client.isClosed);
    expect(handled).toBe(false);
  });

  it('reads no further requests of a client that does not read its responses', async () => {
    let [connection, handled, unread]: [Socket | undefined, number, number] = [undefined, 0, 0];
    const big = async () => {
      handled += 1;
      unread = Math.max(unread, connection!.writableLength);
      return 'x'.repeat(100_000);
    };
    const { server, port } = await serve({ big });
    server.unwrap().on('connection', (socket) => (connection = socket));
    const deaf = stranger(port);
    deaf.socket.pause();
    for (let n = 0; n < 600; n++) deaf.socket.write(lineOf({ pattern: 'big', data: 'x'.repeat(20_000) }));
    await eventually(() => handled === 600 || connection?.isPaused() === true);
    deaf.socket.resume();
    await eventually(() => deaf.received().length > 600 * 100_000);
    // What one turn of the event loop reads is handled. Without the limit these are 60 MB.
    expect(unread).toBeLessThan(25_000_000);
  });

  it('stops although a client neither reads nor ends', async () => {
    const { server, port } = await serve({ big: async () => 'x'.repeat(500_000) });
    const deaf = stranger(port, true);
    deaf.socket.pause();
    for (let n = 0; n < 40; n++) deaf.socket.write(lineOf({ pattern: 'big' }));
    const silent = stranger(port, true);
    silent.socket.write(lineOf({ pattern: 'big' }));
    await eventually(() => silent.received() !== '');
    await expect(server.close()).resolves.toBeUndefined();
  });
});
