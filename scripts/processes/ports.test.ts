import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { freePort, portFrom, requireFreePorts } from './ports.ts';

const servers: net.Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A port on which this process listens until the end of the test. */
async function takenPort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

it('names every port that is in use, and the variable that chooses another', async () => {
  const [first, second, free] = [await takenPort(), await takenPort(), await takenPort()];
  await new Promise((resolve) => servers.pop()?.close(resolve));
  const wanted = [
    { port: first, name: 'Redis', variable: 'CHAT_REDIS_PORT' },
    { port: free, name: 'Kafka', variable: 'CHAT_KAFKA_PORT' },
    { port: second, name: 'PostgreSQL', variable: 'CHAT_POSTGRES_PORT' },
  ];
  const failure = await requireFreePorts(wanted).catch((error: Error) => error.message);
  expect(failure).toBe(
    `Port ${first} of Redis is already in use. Choose another with CHAT_REDIS_PORT=<port>, or stop the program that uses it.\n` +
      `Port ${second} of PostgreSQL is already in use. Choose another with CHAT_POSTGRES_PORT=<port>, or stop the program that uses it.`,
  );
});

it('gives a free port only once', async () => {
  expect(await freePort()).not.toBe(await freePort());
});

it('reads a port from its variable, and refuses what is no port', () => {
  expect(portFrom('CHAT_X_PORT', 3001, {})).toBe(3001);
  expect(portFrom('CHAT_X_PORT', 3001, { CHAT_X_PORT: '4001' })).toBe(4001);
  expect(() => portFrom('CHAT_X_PORT', 3001, { CHAT_X_PORT: '70000' })).toThrow('CHAT_X_PORT is not a port: 70000');
});
