import { FaultProxy } from '@chat/testkit/fault-proxy';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { currentContext, runInContext, silentLog } from '../src/observability/index.js';
import { AppError } from '../src/errors/index.js';
import { RpcClient, type RpcHandler, RpcServer } from '../src/rpc/index.js';
import { eventually } from '../src/testing/index.js';

const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one.close();
});

async function serve(handlers: Record<string, RpcHandler>, port = 0, maxInFlight?: number): Promise<{ server: RpcServer; port: number }> {
  const server = new RpcServer({ host: '127.0.0.1', port, handlers, logger: silentLog, ...(maxInFlight ? { maxInFlight } : {}) });
  opened.push(server);
  return { server, port: await server.listen() };
}

function clientOf(port: number, timeoutMs = 2000): RpcClient {
  const client = new RpcClient({ host: '127.0.0.1', port, serviceName: 'chat-service', timeoutMs });
  opened.push(client);
  return client;
}

/** A TCP server that counts the chunks it reads, which are the writes of the other side as long as nobody is slow. */
async function rawServer(onSocket: (socket: Socket) => void): Promise<{ server: Server; port: number }> {
  const server = createServer(onSocket);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  opened.push({ close: () => new Promise((resolve) => server.close(resolve)) });
  return { server, port: (server.address() as { port: number }).port };
}

describe('RpcServer and RpcClient', () => {
  it('carry body, token, correlation id and result', async () => {
    const { port } = await serve({
      echo: async (body, caller) => ({ body, ...caller, context: currentContext()?.correlationId }),
    });
    const client = clientOf(port);
    const body = { text: 'line\nbreak \u2028 ünïcödé 😀', list: [1, null] };
    expect(await client.call('echo', body, { token: 't', correlationId: 'c' })).toEqual({
      body,
      token: 't',
      correlationId: 'c',
      context: 'c',
    });
    expect(await runInContext({ correlationId: 'ambient' }, () => client.call('echo', null, { token: null }))).toMatchObject({
      token: null,
      context: 'ambient',
    });
  });

  it('answer each of many calls with its own result, whatever order they finish in', async () => {
    const { port } = await serve({
      wait: async (body) => {
        await sleep((body as number) % 7);
        return body;
      },
    });
    const client = clientOf(port);
    const numbers = Array.from({ length: 2000 }, (_, i) => i);
    expect(await Promise.all(numbers.map((n) => client.call('wait', n)))).toEqual(numbers);
  });

  it('let an AppError cross whole, and mask any other error', async () => {
    const { port } = await serve({
      refuse: async () => {
        throw new AppError('conflict', 'message/conflict', 'Another body under this key.', {
          details: { messageId: 'm1' },
          cause: new Error('secret'),
        });
      },
      break: async () => {
        throw new Error('select from secrets');
      },
    });
    const client = clientOf(port);
    await expect(client.call('refuse', {})).rejects.toMatchObject({
      name: 'AppError',
      kind: 'conflict',
      code: 'message/conflict',
      message: 'Another body under this key.',
      details: { messageId: 'm1' },
    });
    await expect(client.call('break', {})).rejects.toMatchObject({ kind: 'internal', message: 'Something went wrong on our side.' });
    await expect(client.call('toString', {})).rejects.toMatchObject({ kind: 'not-found', code: 'rpc/unknown-method' });
  });

  it('end a call at its deadline, and the connection stays good', async () => {
    const { port } = await serve({ never: () => new Promise(() => {}), echo: async (body) => body });
    const client = clientOf(port, 100);
    const begun = performance.now();
    await expect(client.call('never', {})).rejects.toMatchObject({ kind: 'unavailable', code: 'chat-service/unavailable' });
    expect(performance.now() - begun).toBeLessThan(1500);
    expect(await client.call('echo', 1)).toBe(1);
    // Its server would wait for ever for the call that never ends.
    opened.shift();
  });

  it('go on over a new connection when the one there was falls silent without ending', async () => {
    const { port } = await serve({ echo: async (body) => body });
    const proxy = await FaultProxy.start({ host: '127.0.0.1', port });
    opened.push(proxy);
    const client = clientOf(proxy.port, 200);
    expect(await client.call('echo', 1)).toBe(1);
    proxy.stallOpen();
    await expect(client.call('echo', 2)).rejects.toMatchObject({ kind: 'unavailable' });
    await eventually(async () => (await client.call('echo', 3).catch(() => null)) === 3, { timeoutMs: 5000 });
  });

  it('keep a connection whose server is only slow', async () => {
    const { port } = await serve({ slow: async () => (await sleep(1800), 'done'), never: () => new Promise(() => {}) });
    const client = clientOf(port);
    const slow = client.call('slow', {}, { timeoutMs: 5000 });
    await expect(client.call('never', {}, { timeoutMs: 50 })).rejects.toMatchObject({ kind: 'unavailable' });
    expect(await slow).toBe('done');
    // Its server would wait for ever for the call that never ends.
    opened.shift();
  });

  it('end a call at its deadline when nobody listens', async () => {
    const client = clientOf(20_151, 150);
    await expect(client.call('echo', {})).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('let a call wait for a server that comes a little later, and come back after the server was gone', async () => {
    const client = clientOf(20_152);
    const early = client.call('echo', 'early');
    await sleep(150);
    const first = await serve({ echo: async (body) => body }, 20_152);
    expect(await early).toBe('early');
    await first.server.close();
    const between = client.call('echo', 'between');
    await sleep(100);
    await serve({ echo: async (body) => body }, 20_152);
    expect(await between).toBe('between');
  });

  it('report a call whose connection broke as unavailable at once, and do not repeat it', async () => {
    let seen = 0;
    const { port } = await rawServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', (chunk) => {
        seen += chunk.toString().split('\n').length - 1;
        socket.destroy();
      });
    });
    const client = clientOf(port, 5000);
    const begun = performance.now();
    await expect(client.call('echo', 1)).rejects.toMatchObject({ kind: 'unavailable' });
    expect(performance.now() - begun).toBeLessThan(3000);
    await sleep(100);
    expect(seen).toBe(1);
  });

  it('put the calls of one turn into one write, and so their answers', async () => {
    let chunks = 0;
    const { port } = await rawServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', (chunk) => {
        chunks++;
        for (const line of chunk.toString().trimEnd().split('\n'))
          socket.write(`${JSON.stringify({ id: JSON.parse(line).id, result: 1 })}\n`);
      });
    });
    const client = clientOf(port);
    await client.call('a', 1);
    chunks = 0;
    await Promise.all(Array.from({ length: 50 }, () => client.call('a', 1)));
    expect(chunks).toBe(1);

    const { port: serverPort } = await serve({ echo: async (body) => body });
    const socket = connect(serverPort, '127.0.0.1');
    opened.push({ close: () => socket.destroy() });
    let answerChunks = 0;
    let answers = 0;
    socket.on('data', (chunk) => {
      answerChunks++;
      answers += chunk.toString().split('\n').length - 1;
    });
    socket.write(Array.from({ length: 50 }, (_, id) => `${JSON.stringify({ id, method: 'echo', body: id })}\n`).join(''));
    await eventually(() => answers === 50);
    expect(answerChunks).toBe(1);
  });

  it('finish and answer what is in flight when the server closes; what comes then waits for the next server', async () => {
    let release: (() => void) | undefined;
    const { server, port } = await serve({
      slow: () => new Promise((resolve) => (release = () => resolve('finished'))),
      echo: async (body) => body,
    });
    const client = clientOf(port);
    const slow = client.call('slow', {});
    await eventually(() => release !== undefined);
    const closed = server.close();
    const late = client.call('echo', 1);
    await sleep(50);
    release!();
    expect(await slow).toBe('finished');
    await closed;
    await serve({ echo: async (body) => body }, port);
    expect(await late).toBe(1);
  });

  it('lose no call when a server closes gracefully under load and another takes its place', async () => {
    const handlers = { echo: async (body: unknown) => (await sleep(2), body) };
    let current = await serve(handlers);
    const { port } = current;
    const client = clientOf(port, 5000);
    const calls: Promise<unknown>[] = [];
    let n = 0;
    const load = setInterval(() => calls.push(client.call('echo', n++)), 1);
    for (let round = 0; round < 3; round++) {
      await sleep(60);
      await current.server.close();
      current = await serve(handlers, port);
    }
    await sleep(60);
    clearInterval(load);
    expect(await Promise.all(calls)).toEqual(Array.from({ length: n }, (_, i) => i));
  });

  it('refuse a call that is too long without hurting others', async () => {
    const { port } = await serve({ echo: async (body) => body, big: async () => 'x'.repeat(1_100_000) });
    const client = clientOf(port);
    await expect(client.call('echo', 'x'.repeat(1_100_000))).rejects.toMatchObject({ kind: 'too-large' });
    await expect(client.call('big', {})).rejects.toMatchObject({ kind: 'too-large' });
    const large = 'é'.repeat(400_000);
    expect(await client.call('echo', large)).toBe(large);
  });

  it.each([
    ['an endless line', () => 'x'.repeat(2_000_000)],
    ['no JSON', () => 'hello\n'],
    ['JSON that is no call', () => '{"id":"a"}\nnull\n'],
  ])('close a connection that sends %s', async (_what, text) => {
    const { port } = await serve({ echo: async (body) => body });
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.write(text());
    await closed;
    expect(await clientOf(port).call('echo', 2)).toBe(2);
  });

  it('refuse calls over the bound as unavailable', async () => {
    let release: (() => void) | undefined;
    const { port } = await serve({ slow: () => new Promise((resolve) => (release = () => resolve(1))) }, 0, 1);
    const client = clientOf(port);
    const slow = client.call('slow', {});
    await eventually(() => release !== undefined);
    await expect(client.call('slow', {})).rejects.toMatchObject({ kind: 'unavailable', code: 'rpc/overloaded' });
    release!();
    await slow;
  });
});
