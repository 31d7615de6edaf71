import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { TestTokens } from '../src/testing/index.js';
import { startVerifierKit } from './kit/verifier.js';

it('a token is accepted when the first connection for the keys breaks, as with an instance of auth-service that stops', async () => {
  const { tokens, verifierOf } = await startVerifierKit();
  onTestFinished(() => tokens.close());
  const target = new URL(tokens.jwksUrl);
  let connections = 0;
  const proxy = createServer((socket) => {
    connections += 1;
    if (connections === 1) return void socket.destroy();
    const upstream = connect(Number(target.port), target.hostname);
    socket.pipe(upstream).pipe(socket);
    for (const one of [socket, upstream]) one.on('error', () => undefined);
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  onTestFinished(() => void proxy.close());
  const jwksUrl = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}${target.pathname}`;

  expect(await verifierOf({ jwksUrl }).verify(await tokens.issue({ userId: 'u1', sessionId: 's1' }))).toMatchObject({ userId: 'u1' });
  expect(connections).toBe(2);
});

it('a service that has started knows the keys: it accepts tokens while auth-service is unavailable', async () => {
  const { tokens, verifierOf } = await startVerifierKit();
  const verifier = verifierOf();
  await verifier.prepare();
  const token = await tokens.issue({ userId: 'u1', sessionId: 's1' });
  await tokens.close();
  expect(await verifier.verify(token)).toMatchObject({ userId: 'u1' });
});

it('a start without auth-service delays nothing: the first token fetches the keys', async () => {
  const first = await TestTokens.start();
  const { port } = new URL(first.jwksUrl);
  await first.close();
  const { tokens, verifierOf } = await startVerifierKit();
  onTestFinished(() => tokens.close());
  const verifier = verifierOf({ jwksUrl: first.jwksUrl });
  await verifier.prepare();
  const second = await TestTokens.start(Number(port));
  onTestFinished(() => second.close());
  expect(await verifier.verify(await second.issue({ userId: 'u1', sessionId: 's1' }))).toMatchObject({ userId: 'u1' });
});
