import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { ROOT } from './paths.ts';

/** The exit code of the health check of an image, for this port. */
const check = (port: number, ...args: string[]) =>
  new Promise((resolve) => {
    const script = path.join(ROOT, 'infra/image/health.sh');
    execFile('bash', [script, ...args], { env: { PORT: String(port) } }, (error) => resolve(error?.code ?? 0));
  });

async function service(status: number): Promise<{ port: number; paths: string[]; close: () => Promise<unknown> }> {
  const paths: string[] = [];
  const server = createServer(({ url }, response) => {
    paths.push(url!);
    response.writeHead(status).end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => (server.listening ? once(server.close(), 'close') : Promise.resolve());
  onTestFinished(async () => void (await close()));
  return { port: (server.address() as AddressInfo).port, paths, close };
}

it('a container is healthy while its service is ready', async () => {
  const ready = await service(200);
  expect(await check(ready.port)).toBe(0);
  expect(ready.paths).toEqual(['/health/ready']);
});

it('a container is unhealthy while its service is not ready, or does not listen', async () => {
  const notReady = await service(503);
  expect(await check(notReady.port)).toBe(1);
  await notReady.close();
  expect(await check(notReady.port)).toBe(1);
});

it('a container is unhealthy when its service accepts the connection and does not answer in time', async () => {
  const silent = net.createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void silent.close());
  silent.on('connection', (socket) => onTestFinished(() => void socket.destroy()));
  await once(silent, 'listening');
  expect(await check((silent.address() as AddressInfo).port, '0.2')).toBe(1);
});
