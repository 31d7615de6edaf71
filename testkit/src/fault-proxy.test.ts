import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FaultProxy } from './fault-proxy.ts';

let echo: Server;
let received = '';
let proxy: FaultProxy;

beforeEach(async () => {
  received = '';
  echo = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      received += chunk;
      socket.write(chunk);
    });
  });
  echo.listen(0, '127.0.0.1');
  await once(echo, 'listening');
  proxy = await FaultProxy.start(`redis://user:secret@127.0.0.1:${(echo.address() as AddressInfo).port}/1`);
});
afterEach(async () => {
  await proxy.close();
  echo.close();
});

async function client(): Promise<Socket> {
  const socket = connect(proxy.port, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

async function echoOf(socket: Socket, text: string): Promise<string> {
  socket.write(text);
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  return chunk.toString();
}

/** True when `text` is answered before ten round trips to the server without the proxy. */
async function answers(socket: Socket, text: string): Promise<boolean> {
  let answered = false;
  socket.once('data', () => (answered = true));
  socket.write(text);
  const direct = connect((echo.address() as AddressInfo).port, '127.0.0.1');
  for (let trip = 0; trip < 10; trip++) await echoOf(direct, '.');
  direct.destroy();
  return answered;
}

it('forwards both ways, and what was sent before the end', async () => {
  const socket = await client();
  expect(await echoOf(socket, 'one')).toBe('one');
  expect(proxy.connections).toBe(1);
  socket.end('two');
  await once(socket, 'close');
  expect(received).toBe('onetwo');
});

it('closes open connections when they are cut, and accepts new ones', async () => {
  const socket = await client();
  await echoOf(socket, 'one');
  proxy.cut();
  await once(socket, 'close');
  expect(await echoOf(await client(), 'two')).toBe('two');
});

it('refuses new connections until it is resumed', async () => {
  proxy.refuse();
  await once(await client(), 'close');
  proxy.resume();
  expect(await echoOf(await client(), 'one')).toBe('one');
});

it('holds back the bytes of open and new connections until it is resumed, and delivers them', async () => {
  const open = await client();
  await echoOf(open, 'one');
  proxy.stall();
  const added = await client();
  expect([await answers(open, 'two'), await answers(added, 'three')]).toEqual([false, false]);
  const both = [once(open, 'data'), once(added, 'data')];
  proxy.resume();
  expect(String(await Promise.all(both))).toBe('two,three');
});

it('holds back one direction alone', async () => {
  const socket = await client();
  await echoOf(socket, 'one');
  proxy.stall('down');
  expect(await answers(socket, 'two')).toBe(false);
  expect(received.replaceAll('.', '')).toBe('onetwo');
});

it('stalls the connections that are open, and lets new ones work', async () => {
  const open = await client();
  await echoOf(open, 'one');
  proxy.stallOpen();
  expect(await answers(open, 'two')).toBe(false);
  expect(await echoOf(await client(), 'three')).toBe('three');
});

it('gives the URL of the server with its own address', () => {
  expect(proxy.urlFor('redis://user:secret@redis.example:6379/1?x=2')).toBe(`redis://user:secret@127.0.0.1:${proxy.port}/1?x=2`);
});
