import { FaultProxy } from '@chat/testkit/fault-proxy';
import type { MessageHandler } from '@nestjs/microservices';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { firstValueFrom, of } from 'rxjs';
import { afterEach, describe, expect, it } from 'vitest';
import { currentContext, runInContext, silentLog } from '../src/observability/index.js';
import { AppError } from '../src/errors/index.js';
import { RpcClient, type RpcContext, RpcRecord, type RpcRecordOptions, RpcServer } from '../src/rpc/index.js';
import { eventually } from '../src/testing/index.js';

const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one.close();
});

type Handler = (data: unknown, context: RpcContext) => Promise<unknown>;

async function serve(handlers: Record<string, Handler>, port = 0, maxInFlight?: number): Promise<{ server: RpcServer; port: number }> {
  const server = new RpcServer({ host: '127.0.0.1', port, logger: silentLog, ...(maxInFlight ? { maxInFlight } : {}) });
  for (const [pattern, handler] of Object.entries(handlers)) server.addHandler(pattern, handler as MessageHandler);
  opened.push(server);
  await new Promise<void>((resolve, reject) => server.listen((error) => (error ? reject(error as Error) : resolve())));
  return { server, port: (server.unwrap().address() as AddressInfo).port };
}

function clientOf(port: number, timeoutMs = 2000): RpcClient {
  const client = new RpcClient({ host: '127.0.0.1', port, serviceName: 'chat-service', timeoutMs });
  opened.push(client);
  return client;
}

function call<Result = unknown>(client: RpcClient, pattern: string, data: unknown, options: RpcRecordOptions = {}): Promise<Result> {
  return firstValueFrom(client.send<Result>(pattern, new RpcRecord(data, options)));
}

/** A TCP server whose test counts the chunks that it reads: they are the writes of the client as long as neither side is slow. */
async function rawServer(onSocket: (socket: Socket) => void): Promise<{ server: Server; port: number }> {
  const server = createServer(onSocket);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  opened.push({ close: () => new Promise((resolve) => server.close(resolve)) });
  return { server, port: (server.address() as { port: number }).port };
}

describe('RpcServer and RpcClient', () => {
  it('transfer the data, token, correlation id and result', async () => {
    const { port } = await serve({
      echo: async (data, { token }) => ({ data, token, correlationId: currentContext()?.correlationId }),
    });
    const client = clientOf(port);
    const data = { text: 'line\nbreak \u2028 ünïcödé 😀', list: [1, null] };
    expect(await call(client, 'echo', data, { token: 't', correlationId: 'c' })).toEqual({ data, token: 't', correlationId: 'c' });
    expect(await runInContext({ correlationId: 'ambient' }, () => call(client, 'echo', null, { token: null }))).toMatchObject({
      token: null,
      correlationId: 'ambient',
    });
  });

  it('give each of many concurrent requests its own result, in whatever order they finish', async () => {
    const { port } = await serve({
      wait: async (body) => {
        await sleep((body as number) % 7);
        return body;
      },
    });
    const client = clientOf(port);
    const numbers = Array.from({ length: 2000 }, (_, i) => i);
    expect(await Promise.all(numbers.map((n) => call(client, 'wait', n)))).toEqual(numbers);
  });

  it('transfer an AppError with kind, code, message and details, and mask any other error', async () => {
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
    await expect(call(client, 'refuse', {})).rejects.toMatchObject({
      name: 'AppError',
      kind: 'conflict',
      code: 'message/conflict',
      message: 'Another body under this key.',
      details: { messageId: 'm1' },
    });
    await expect(call(client, 'break', {})).rejects.toMatchObject({ kind: 'internal', message: 'Something went wrong on our side.' });
    await expect(call(client, 'toString', {})).rejects.toMatchObject({ kind: 'not-found', code: 'rpc/unknown-pattern' });
  });

  it('fail a request at its deadline, and the connection stays usable', async () => {
    const { port } = await serve({ never: () => new Promise(() => {}), echo: async (body) => body });
    const client = clientOf(port, 100);
    const begun = performance.now();
    await expect(call(client, 'never', {})).rejects.toMatchObject({ kind: 'unavailable', code: 'chat-service/unavailable' });
    expect(performance.now() - begun).toBeLessThan(1500);
    expect(await call(client, 'echo', 1)).toBe(1);
    // Its server would wait for ever for the request that never ends.
    opened.shift();
  });

  it('open a new connection when the present one stops transferring data without closing', async () => {
    const { port } = await serve({ echo: async (body) => body });
    const proxy = await FaultProxy.start({ host: '127.0.0.1', port });
    opened.push(proxy);
    const client = clientOf(proxy.port, 200);
    expect(await call(client, 'echo', 1)).toBe(1);
    proxy.stallOpen();
    await expect(call(client, 'echo', 2)).rejects.toMatchObject({ kind: 'unavailable' });
    await eventually(async () => (await call(client, 'echo', 3).catch(() => null)) === 3, { timeoutMs: 5000 });
  });

  it('keep a connection whose server is only slow', async () => {
    const { port } = await serve({ slow: async () => (await sleep(1800), 'done'), never: () => new Promise(() => {}) });
    const client = clientOf(port);
    const slow = call(client, 'slow', {}, { timeoutMs: 5000 });
    await expect(call(client, 'never', {}, { timeoutMs: 50 })).rejects.toMatchObject({ kind: 'unavailable' });
    expect(await slow).toBe('done');
    // Its server would wait for ever for the request that never ends.
    opened.shift();
  });

  it('fail a request at its deadline when no server listens', async () => {
    const client = clientOf(20_151, 150);
    await expect(call(client, 'echo', {})).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('let a request wait for a server that starts a little later, and reconnect after the server was restarted', async () => {
    const client = clientOf(20_152);
    const early = call(client, 'echo', 'early');
    await sleep(150);
    const first = await serve({ echo: async (body) => body }, 20_152);
    expect(await early).toBe('early');
    await first.server.close();
    const between = call(client, 'echo', 'between');
    await sleep(100);
    await serve({ echo: async (body) => body }, 20_152);
    expect(await between).toBe('between');
  });

  it('fail a request whose connection broke as unavailable at once, and do not repeat it', async () => {
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
    await expect(call(client, 'echo', 1)).rejects.toMatchObject({ kind: 'unavailable' });
    expect(performance.now() - begun).toBeLessThan(3000);
    await sleep(100);
    expect(seen).toBe(1);
  });

  it('put the requests of one tick into one write, and likewise their responses', async () => {
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
    await call(client, 'a', 1);
    chunks = 0;
    await Promise.all(Array.from({ length: 50 }, () => call(client, 'a', 1)));
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
    socket.write(Array.from({ length: 50 }, (_, id) => `${JSON.stringify({ id, pattern: 'echo', data: id })}\n`).join(''));
    await eventually(() => answers === 50);
    expect(answerChunks).toBe(1);
  });

  it('finish and answer requests in flight when the server closes; later requests wait for the next server', async () => {
    let release: (() => void) | undefined;
    const { server, port } = await serve({
      slow: () => new Promise((resolve) => (release = () => resolve('finished'))),
      echo: async (body) => body,
    });
    const client = clientOf(port);
    const slow = call(client, 'slow', {});
    await eventually(() => release !== undefined);
    const closed = server.close();
    const late = call(client, 'echo', 1);
    await sleep(50);
    release!();
    expect(await slow).toBe('finished');
    await closed;
    await serve({ echo: async (body) => body }, port);
    expect(await late).toBe(1);
  });

  it('lose no request when a server closes gracefully under load and another one replaces it', async () => {
    const handlers = { echo: async (body: unknown) => (await sleep(2), body) };
    let current = await serve(handlers);
    const { port } = current;
    const client = clientOf(port, 5000);
    const calls: Promise<unknown>[] = [];
    let n = 0;
    const load = setInterval(() => calls.push(call(client, 'echo', n++)), 1);
    for (let round = 0; round < 3; round++) {
      await sleep(60);
      await current.server.close();
      current = await serve(handlers, port);
    }
    await sleep(60);
    clearInterval(load);
    expect(await Promise.all(calls)).toEqual(Array.from({ length: n }, (_, i) => i));
  });

  it('reject a request that is too long without affecting others', async () => {
    const { port } = await serve({ echo: async (body) => body, big: async () => 'x'.repeat(1_100_000) });
    const client = clientOf(port);
    await expect(call(client, 'echo', 'x'.repeat(1_100_000))).rejects.toMatchObject({ kind: 'too-large' });
    await expect(call(client, 'big', {})).rejects.toMatchObject({ kind: 'too-large' });
    const large = 'é'.repeat(400_000);
    expect(await call(client, 'echo', large)).toBe(large);
  });

  it.each([
    ['an endless line', () => 'x'.repeat(2_000_000)],
    ['no JSON', () => 'hello\n'],
    ['JSON that is no request', () => '{"id":"a"}\nnull\n'],
  ])('close a connection that sends %s', async (_what, text) => {
    const { port } = await serve({ echo: async (body) => body });
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.write(text());
    await closed;
    expect(await call(clientOf(port), 'echo', 2)).toBe(2);
  });

  it('reject requests above the limit as unavailable', async () => {
    let release: (() => void) | undefined;
    const { port } = await serve({ slow: () => new Promise((resolve) => (release = () => resolve(1))) }, 0, 1);
    const client = clientOf(port);
    const slow = call(client, 'slow', {});
    await eventually(() => release !== undefined);
    await expect(call(client, 'slow', {})).rejects.toMatchObject({ kind: 'unavailable', code: 'rpc/overloaded' });
    release!();
    await slow;
  });

  it('start the handlers of one connection in the order of its requests, and answer with the last value of an Observable', async () => {
    const started: unknown[] = [];
    const { port } = await serve({
      record: async (data) => of('first', (started.push(data), data)),
    });
    const client = clientOf(port);
    const numbers = Array.from({ length: 200 }, (_, i) => i);
    expect(await Promise.all(numbers.map((n) => call(client, 'record', n)))).toEqual(numbers);
    expect(started).toEqual(numbers);
  });

  it('do not reach the event handlers of the same service', async () => {
    const { server, port } = await serve({});
    let handled = 0;
    server.addHandler('UserRegistered', async () => handled++, true);
    await expect(call(clientOf(port), 'UserRegistered', {})).rejects.toMatchObject({ kind: 'not-found', code: 'rpc/unknown-pattern' });
    expect(handled).toBe(0);
  });
});
