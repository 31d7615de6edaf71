import { leaseKey } from '@chat/shared/realtime';
import { eventually } from '@chat/shared/testing';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { RevokedSessions } from '@chat/shared/auth';
import { GatewayKit } from './kit/gateway-kit.js';
import { RawSocket } from './kit/raw-socket.js';

let kit: GatewayKit;
beforeAll(async () => {
  kit = await GatewayKit.start();
});
afterAll(() => kit.stop());

const NOTIFICATIONS = 'subscription { notificationReceived { id title data } }';

const socket = (protocol?: string) => new RawSocket(kit.url.replace('http', 'ws'), protocol);

it('a missing, forged or expired token in connection_init closes with 4403', async () => {
  const expired = await kit.services.tokens.issue({ userId: randomUUID(), expiresInSeconds: -5 });
  for (const payload of [
    undefined,
    {},
    { authorization: 'Bearer x' },
    { authorization: expired },
    { authorization: `Bearer ${expired}` },
  ]) {
    const raw = await socket().opened();
    raw.send({ type: 'connection_init', payload });
    expect(await raw.closed).toMatchObject({ code: 4403 });
  }
});

it('a violation of the protocol closes the socket with the code that the protocol names', async () => {
  const { token } = await kit.createUser();
  const early = await socket().opened();
  early.send({ id: '1', type: 'subscribe', payload: { query: NOTIFICATIONS } });
  expect(await early.closed).toMatchObject({ code: 4401 });
  const twice = await socket().signIn(token);
  twice.send({ type: 'connection_init' });
  expect(await twice.closed).toMatchObject({ code: 4429 });
  const junk = await socket().opened();
  junk.send('junk');
  expect(await junk.closed).toMatchObject({ code: 4400 });
  const binary = await socket().opened();
  binary.ws.send(Buffer.from([1, 2, 3]));
  expect(await binary.closed).toMatchObject({ code: 4400 });
  const doubled = await socket().signIn(token);
  for (const id of ['1', '1']) doubled.send({ id, type: 'subscribe', payload: { query: NOTIFICATIONS } });
  expect(await doubled.closed).toMatchObject({ code: 4409 });
  const large = await socket().signIn(token);
  large.send('x'.repeat(65 * 1024));
  expect(await large.closed).toMatchObject({ code: 1009 });
  expect(await socket('graphql-ws').closed).toMatchObject({ code: expect.any(Number) });
});

it('a socket without connection_init is closed', async () => {
  const silent = await socket().opened();
  expect(await silent.closed).toMatchObject({ code: 4408 });
});

it('an upgrade on another path, or with an overlong protocol header, is rejected', async () => {
  for (const [path, protocol] of [
    ['/other', 'graphql-transport-ws'],
    ['/graphql', 'x'.repeat(5000)],
  ] as const) {
    const ws = new WebSocket(kit.gateway.url.replace('http', 'ws') + path, protocol);
    const [error] = (await once(ws, 'error')) as [Error];
    expect(error.message).toMatch(/Unexpected server response: 4/);
  }
});

it('queries and mutations over a socket follow the rules of HTTP, and reach the services with an internal token', async () => {
  const ada = await kit.createUser();
  const run = (query: string, variables = {}) =>
    new Promise<any>((resolve) => {
      let result: any;
      kit
        .client(ada.token)
        .subscribe(
          { query, variables },
          { next: (value) => (result = value), error: (error) => resolve({ errors: error }), complete: () => resolve(result) },
        );
    });
  expect(await run('{ hello }')).toMatchObject({ data: { hello: expect.any(String) } });
  const send = 'mutation ($input: CreateMessageInput!) { sendMessage(input: $input) { senderId content } }';
  expect(await run(send, { input: { receiverId: randomUUID(), content: 'over the socket' } })).toMatchObject({
    data: { sendMessage: { senderId: ada.userId } },
  });
  expect(kit.services.calls.findLast((call) => call.method === 'RPC')).toMatchObject({ userId: ada.userId, tokenType: 'internal+jwt' });
  for (const [query, variables, code] of [
    [send, { input: { receiverId: 'x', content: 'y' } }, 'BAD_USER_INPUT'],
    [send, { input: { receiverId: randomUUID(), content: 42 } }, 'BAD_USER_INPUT'],
    [`{ getConversation(conversationId: "${randomUUID()}") { id } }`, {}, 'NOT_FOUND'],
    ['{ nothingLikeThis }', {}, 'GRAPHQL_VALIDATION_FAILED'],
    ['{ hello', {}, 'GRAPHQL_PARSE_FAILED'],
  ] as const) {
    const { errors } = await run(query, variables);
    expect(errors[0].extensions.code, query).toBe(code);
  }
});

it('revoking a session closes its sockets at once, and no others', async () => {
  const ada = await kit.createUser();
  const other = await kit.services.tokens.issue({ userId: ada.userId, sessionId: randomUUID() });
  const [revoked, kept] = [await socket().signIn(ada.token), await socket().signIn(other)];
  const { userId, sessionId } = ada;
  await RevokedSessions.revoke(kit.services.redis, { userId, sessionId, lastTokenEndsAtMs: Date.now() + 60_000 });
  expect(await revoked.closed).toMatchObject({ code: 4403 });
  expect(kept.ws.readyState).toBe(WebSocket.OPEN);
  expect(await kit.ask('{ me { userId } }', {}, ada.token)).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
  const again = await socket().opened();
  again.send({ type: 'connection_init', payload: { authorization: `Bearer ${ada.token}` } });
  expect(await again.closed).toMatchObject({ code: 4403 });
});

it('a connection holds a presence lease while it is open', async () => {
  const ada = await kit.createUser();
  const raw = await socket().signIn(ada.token);
  const leases = () => kit.services.redis.zcount(leaseKey(ada.userId), Date.now() + 1, '+inf');
  await eventually(async () => (await leases()) === 1);
  raw.ws.close();
  await eventually(async () => (await leases()) === 0);
});

it('a gateway that shuts down closes its sockets with 1012', async () => {
  const own = await GatewayKit.start();
  const { token } = await own.createUser();
  const raw = await new RawSocket(own.url.replace('http', 'ws')).signIn(token);
  raw.send({ id: '1', type: 'subscribe', payload: { query: NOTIFICATIONS } });
  const stopped = own.stop();
  expect(await raw.closed).toMatchObject({ code: 1012 });
  await stopped;
});
