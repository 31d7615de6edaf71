import { LOGGER, type Log } from '@chat/shared/observability';
import { eventually } from '@chat/shared/testing';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
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

it('an authorization that is not a string is refused with 4403, other fields are ignored, and neither is an error in the log', async () => {
  const { token } = await kit.createUser();
  const logger = kit.gateway.app.get<Log>(LOGGER);
  const logged = (['warn', 'error'] as const).map((level) => vi.spyOn(logger, level));
  onTestFinished(() => void vi.restoreAllMocks());
  const values = [42, true, [], ['Bearer x'], {}, { toString: 1 }, JSON.parse('{"__proto__":{"toString":null}}'), ''];
  for (const authorization of values) {
    for (const payload of [{ authorization }, { Authorization: authorization }]) {
      const raw = await socket().opened();
      raw.send({ type: 'connection_init', payload });
      expect(await raw.closed).toEqual({ code: 4403, reason: 'Forbidden' });
    }
  }
  for (const payload of [[], 'x', 1, true]) {
    const raw = await socket().opened();
    raw.send({ type: 'connection_init', payload });
    expect(await raw.closed).toEqual({ code: 4400, reason: 'Invalid message received' });
  }
  const raw = await socket().opened();
  raw.send({
    type: 'connection_init',
    payload: { ...values, authorization: `Bearer ${token}`, headers: { authorization: 1 }, toString: 1 },
  });
  await eventually(() => expect(raw.messages).toEqual([{ type: 'connection_ack' }]));
  for (const [n, extensions] of [{}, { toString: 1 }, { persistedQuery: [] }, null].entries())
    raw.send({ id: `${n}`, type: 'subscribe', payload: { query: '{ hello }', extensions } });
  await eventually(() => expect(raw.messages.filter(({ type }) => type === 'complete')).toHaveLength(4));
  for (const extensions of [42, 'x', true, []]) {
    const other = await socket().signIn(token);
    other.send({ id: '1', type: 'subscribe', payload: { query: '{ hello }', extensions } });
    expect(await other.closed).toMatchObject({ code: 4400 });
  }
  for (const spy of logged) expect(spy).not.toHaveBeenCalled();
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
