import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { of } from 'rxjs';
import { afterEach, describe, expect, it } from 'vitest';
import { AppError } from '../../src/errors/index.js';
import { currentContext, runInContext } from '../../src/observability/index.js';
import { eventually } from '../../src/testing/index.js';
import { call, clientOf, closeOpened, opened, rawServer, serve } from '../kit/rpc.js';

afterEach(closeOpened);

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

  it('reject data that is nested 20,000 deep as bad input, before any handler', async () => {
    let handled = 0;
    const { port } = await serve({ echo: async () => ++handled });
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk) => (answer += String(chunk)));
    socket.write(`{"id":7,"pattern":"echo","data":${'['.repeat(20_000)}${']'.repeat(20_000)},"token":null}\n`);
    await eventually(() => answer.endsWith('\n'));
    socket.destroy();
    expect(JSON.parse(answer)).toMatchObject({ id: 7, error: { kind: 'invalid' } });
    expect(handled).toBe(0);
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
    const { port } = await serve({ slow: () => new Promise((resolve) => (release = () => resolve(1))) }, 0, { maxInFlight: 1 });
    const client = clientOf(port);
    const slow = call(client, 'slow', {});
    await eventually(() => release !== undefined);
    await expect(call(client, 'slow', {})).rejects.toMatchObject({ kind: 'unavailable', code: 'rpc/overloaded' });
    release!();
    await slow;
  });

  it('do not reach the event handlers of the same service', async () => {
    const { server, port } = await serve({});
    let handled = 0;
    server.addHandler('UserRegistered', async () => handled++, true);
    await expect(call(clientOf(port), 'UserRegistered', {})).rejects.toMatchObject({ kind: 'not-found', code: 'rpc/unknown-pattern' });
    expect(handled).toBe(0);
  });
});
