import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { choosePorts } from './ports.ts';

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
  const wanted = {
    redis: { port: first, name: 'Redis', variable: 'CHAT_REDIS_PORT' },
    kafka: { port: free, name: 'Kafka', variable: 'CHAT_KAFKA_PORT' },
    metrics: { port: second - 6000, offset: 6000, name: 'metrics', variable: 'CHAT_CHAT_PORT' },
  };
  const failure = await choosePorts(wanted, 'default', {}).catch((error: Error) => error.message);
  expect(failure).toBe(
    `Port ${first} of Redis is already in use. Choose another with CHAT_REDIS_PORT=<port>, or stop the program that uses it.\n` +
      `Port ${second} of metrics is already in use. Choose another with CHAT_CHAT_PORT=<port>, or stop the program that uses it.`,
  );
});

it('takes the port that a variable names, and refuses what is no port', async () => {
  const port = await takenPort();
  await new Promise((resolve) => servers.pop()?.close(resolve));
  const wanted = { chat: { port: 1, name: 'chat', variable: 'CHAT_X_PORT' } };
  expect(await choosePorts(wanted, 'default', { CHAT_X_PORT: String(port) })).toEqual({ chat: port });
  await expect(choosePorts(wanted, 'default', { CHAT_X_PORT: '70000' })).rejects.toThrow('CHAT_X_PORT is not a port: 70000');
});

it('gives a free port only once', async () => {
  const wanted = { name: '', port: 1, variable: '' };
  const { one, other } = await choosePorts({ one: wanted, other: wanted }, 'free');
  expect(one).not.toBe(other);
});
