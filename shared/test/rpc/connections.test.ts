import { FaultProxy } from '@chat/testkit/fault-proxy';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { firstValueFrom, retry } from 'rxjs';
import { afterEach, describe, expect, it } from 'vitest';
import { RpcRecord } from '../../src/rpc/index.js';
import { eventually } from '../../src/testing/index.js';
import { call, clientOf, closeOpened, opened, rawServer, serve } from '../kit/rpc.js';

afterEach(closeOpened);

describe('RpcServer and RpcClient', () => {
  it('fail a request at its deadline, and the connection stays usable', async () => {
    const { port } = await serve({ never: () => new Promise(() => {}), echo: async (body) => body });
    const client = clientOf(port, 100);
    // Nothing else ends it.
    await expect(call(client, 'never', {})).rejects.toMatchObject({ kind: 'unavailable', code: 'chat-service/unavailable' });
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
    // The deadline is never reached: the test would end before it.
    const client = clientOf(port, 600_000);
    await expect(call(client, 'echo', 1)).rejects.toMatchObject({ kind: 'unavailable' });
    await sleep(100);
    expect(seen).toBe(1);
  });

  it('open one connection when a failed request is repeated while another one waits for the connection', async () => {
    let connections = 0;
    const { port } = await rawServer((socket) => {
      const isFirst = ++connections === 1;
      socket.on('error', () => {});
      socket.on('data', (chunk) => {
        if (isFirst) return socket.end('{"id":2,"notStarted":true}\n');
        const answers = chunk
          .toString()
          .trim()
          .split('\n')
          .map((line) => `{"id":${JSON.parse(line).id},"result":"answer"}\n`);
        // Later than the client's pause before it connects again.
        setTimeout(() => socket.write(answers.join('')), 100);
      });
    });
    const client = clientOf(port);
    const repeated = firstValueFrom(client.send('echo', new RpcRecord(1)).pipe(retry(1)));
    const waiting = call(client, 'echo', 2);
    expect(await Promise.all([repeated, waiting])).toEqual(['answer', 'answer']);
    expect(connections).toBe(2);
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

  it('answer a request of a client that is slow to read GOAWAY: the server has not started it', async () => {
    const { port, server } = await serve({ echo: async (body) => body });
    const socket = connect(port, '127.0.0.1');
    opened.push({ close: () => socket.destroy() });
    await once(socket, 'connect');
    let received = '';
    socket.on('data', (data: Buffer) => (received += data));
    // A first answer shows that the server has accepted the connection.
    socket.write('{"id":1,"pattern":"echo","data":1}\n');
    await eventually(() => received.includes('"id":1'));
    const closing = server.close();
    await eventually(() => received.includes('"id":0'));
    // Ten times as long as a busy process needs to read the notice; the server waits for the end of this side.
    await sleep(250);
    socket.end('{"id":2,"pattern":"echo","data":2}\n');
    await once(socket, 'close');
    expect(received).toContain('{"id":2,"notStarted":true}');
    await closing;
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
});
