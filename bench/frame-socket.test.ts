import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import { FrameSocket } from './frame-socket.ts';

const closing: (() => unknown)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A FrameSocket that is connected to a server of the package ws, and the server's side of it. */
async function connected(): Promise<{ server: WebSocket; client: FrameSocket; texts: string[]; ended: Promise<string> }> {
  const wss = new WebSocketServer({ port: 0 });
  closing.push(() => wss.close());
  await once(wss, 'listening');
  const accepted = once(wss, 'connection') as Promise<[WebSocket]>;
  const texts: string[] = [];
  const { promise: ended, resolve: onEnd } = Promise.withResolvers<string>();
  const { promise: opened, resolve: onOpen } = Promise.withResolvers<void>();
  const url = `ws://localhost:${(wss.address() as AddressInfo).port}/`;
  const client = new FrameSocket(url, 'graphql-transport-ws', { onOpen, onText: (text) => texts.push(text.toString()), onEnd });
  closing.push(() => client.close());
  const [server] = await accepted;
  await opened;
  return { server, client, texts, ended };
}

it('frames of every length arrive in order, however the connection divides them', async () => {
  const { server, texts, ended } = await connected();
  const sent = [0, 5, 125, 126, 300, 65_535, 65_536, 300_000, 7].map((length) => 'é'.repeat(length / 2));
  for (const text of [...sent, ...sent]) server.send(text);
  server.close(4000, 'done');
  expect(await ended).toBe('closed with 4000 done');
  expect(texts).toEqual([...sent, ...sent]);
});

it('a ping is answered, and texts are sent', async () => {
  const { server, client } = await connected();
  const pong = once(server, 'pong');
  server.ping('still there?');
  expect(String(await pong)).toBe('still there?');
  const received: string[] = [];
  server.on('message', (data: Buffer) => received.push(data.toString()));
  const last = once(server, 'message');
  client.send('short');
  await last;
  const long = once(server, 'message');
  client.send('x'.repeat(1000));
  await long;
  expect(received).toEqual(['short', 'x'.repeat(1000)]);
});

it('a server that does not accept the socket ends it with its answer', async () => {
  const http = createServer((_request, response) => response.writeHead(429).end()).listen(0);
  closing.push(() => http.close());
  await once(http, 'listening');
  const reason = await new Promise<string>((onEnd) => {
    const url = `ws://localhost:${(http.address() as AddressInfo).port}/`;
    const client = new FrameSocket(url, 'graphql-transport-ws', { onOpen: () => undefined, onText: () => undefined, onEnd });
    closing.push(() => client.close());
  });
  expect(reason).toBe('HTTP/1.1 429 Too Many Requests');
});
