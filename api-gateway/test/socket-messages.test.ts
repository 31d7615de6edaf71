import { eventually } from '@chat/shared/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GatewayKit } from './kit/gateway-kit.js';
import { RawSocket } from './kit/raw-socket.js';

const NOTIFICATIONS = 'subscription { notificationReceived { id } }';

let kit: GatewayKit;
beforeAll(async () => {
  kit = await GatewayKit.start();
});
afterAll(() => kit.stop());

const socket = () => new RawSocket(kit.url.replace('http', 'ws'));
const textOf = (bytes: number) => ({ text: 'x'.repeat(bytes - '{"text":""}'.length) });

it('no ping is answered before the acknowledgement', async () => {
  const { token } = await kit.createUser();
  const raw = await socket().opened();
  for (let n = 0; n < 10; n += 1) raw.send({ type: 'ping' });
  await raw.signIn(token);
  raw.send({ type: 'ping', payload: { n: 1 } });
  await eventually(() => expect(raw.messages).toEqual([{ type: 'connection_ack' }, { type: 'pong', payload: { n: 1 } }]));
});

it('a ping or pong with more than 1 kB closes the socket with 4400, before and after the acknowledgement', async () => {
  const { token } = await kit.createUser();
  const raw = await socket().signIn(token);
  raw.send({ type: 'ping', payload: textOf(1024) });
  await eventually(() => expect(raw.messages.at(-1)).toEqual({ type: 'pong', payload: textOf(1024) }));
  raw.send({ type: 'ping', payload: textOf(1025) });
  const nested = `{"type":"pong","payload":{"a":${'['.repeat(30_000)}${']'.repeat(30_000)}}}`;
  for (const message of [{ type: 'ping', payload: textOf(60_000) }, { type: 'pong', payload: textOf(1025) }, nested]) {
    const early = await socket().opened();
    early.send(message);
    expect(await early.closed).toEqual({ code: 4400, reason: 'The payload of a ping is too large' });
  }
  expect(await raw.closed).toMatchObject({ code: 4400 });
});

it('a message in many parts closes the socket', async () => {
  const raw = await socket().opened();
  for (let n = 0; n < 200; n += 1) raw.ws.send(' ', { fin: false });
  expect(await raw.closed).toMatchObject({ code: 1008 });
});

it('operations whose messages are too long together are RATE_LIMITED, and the others continue', async () => {
  const { token } = await kit.createUser();
  const raw = await socket().signIn(token);
  for (const id of ['1', '2', '3']) raw.subscribe(id, NOTIFICATIONS, { a: 'x'.repeat(60_000) });
  await eventually(() =>
    expect(raw.messages.at(-1)).toMatchObject({ id: '3', type: 'error', payload: [{ extensions: { code: 'RATE_LIMITED' } }] }),
  );
  raw.complete('1');
  raw.subscribe('3', NOTIFICATIONS, { a: 'x'.repeat(60_000) });
  raw.subscribe('4', '{ hello }');
  await eventually(() => expect(raw.messagesOf('4').at(-1)).toMatchObject({ type: 'complete' }));
  expect(raw.messagesOf('3')).toHaveLength(1);
});
