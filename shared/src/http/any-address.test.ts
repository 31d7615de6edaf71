import type { LookupAddress } from 'node:dns';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { anyAddress } from './any-address.js';

async function listen(address: string, port: number): Promise<Server> {
  const server = createServer((socket) => socket.end(address));
  await new Promise<void>((resolve) => server.listen(port, address, resolve));
  onTestFinished(() => void server.close());
  return server;
}

const addresses: LookupAddress[] = ['127.0.0.2', '127.0.0.3'].map((address) => ({ address, family: 4 }));
const lookup = anyAddress((_hostname, _options, callback) => callback(null, [...addresses]));

/** Which of the two servers answers. */
const answerOf = (port: number) =>
  new Promise<string>((resolve, reject) => {
    const socket = connect({ host: 'service', port, lookup });
    socket.on('error', reject).on('data', (data) => resolve(data.toString()));
  });

it('spreads connections over all addresses of a name, and skips an instance that refuses', async () => {
  const first = await listen('127.0.0.2', 0);
  const { port } = first.address() as AddressInfo;
  await listen('127.0.0.3', port);
  const answers = new Set<string>();
  for (let n = 0; n < 100 && answers.size < 2; n++) answers.add(await answerOf(port));
  expect([...answers].sort()).toEqual(['127.0.0.2', '127.0.0.3']);
  await new Promise((resolve) => first.close(resolve));
  for (let n = 0; n < 20; n++) expect(await answerOf(port)).toBe('127.0.0.3');
});

it('gives one address where one is asked for, and the error of the resolver', () => {
  const results: unknown[] = [];
  lookup('service', { all: false }, (error, address) =>
    results.push(
      error,
      addresses.some((one) => one.address === address),
    ),
  );
  const failing = anyAddress((_hostname, _options, callback) => callback(new Error('no such name'), []));
  failing('service', { all: true }, (error) => results.push(error?.message));
  expect(results).toEqual([null, true, 'no such name']);
});
