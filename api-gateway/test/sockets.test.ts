import { channels } from '@chat/shared/realtime';
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
  const leases = () => kit.services.redis.zcount(`presence:lease:${ada.userId}`, Date.now() + 1, '+inf');
  await eventually(async () => (await leases()) === 1);
  raw.ws.close();
  await eventually(async () => (await leases()) === 0);
});

it('a notification that is published twice is delivered once', async () => {
  const ada = await kit.createUser();
  const subscription = kit.subscribe(ada.token, NOTIFICATIONS);
  const publish = (title: string) =>
    kit.services.redis.publish(channels.notification(ada.userId), JSON.stringify({ id: title, title, data: { seq: 1 } }));
  await eventually(async () => (await publish('first')) === 1);
  await publish('first');
  await publish('second');
  expect(await subscription.count(2)).toEqual([
    { id: 'first', title: 'first', data: { seq: 1 } },
    { id: 'second', title: 'second', data: { seq: 1 } },
  ]);
});

it('presenceChanged delivers the current state of each user, then the changes; those of private profiles are requested', async () => {
  const [ada, ben, eve] = [await kit.createUser(), await kit.createUser(), await kit.createUser()];
  kit.services.users.presences.set(ben.userId, { userId: ben.userId, status: 'ONLINE', lastSeenAt: null });
  const query = 'subscription ($ids: [String!]!) { presenceChanged(userIds: $ids) { userId status } }';
  const subscription = kit.subscribe(ada.token, query, { ids: [ben.userId, eve.userId] });
  await subscription.count(2);
  const change = (userId: string, status: string, isPublic: boolean) =>
    kit.services.redis.publish(channels.presence(userId), JSON.stringify({ presence: { userId, status, lastSeenAt: null }, isPublic }));
  await change(ben.userId, 'AWAY', true);
  await subscription.count(3);
  kit.services.users.presences.set(eve.userId, { userId: eve.userId, status: 'BUSY', lastSeenAt: null });
  await change(eve.userId, 'ONLINE', false);
  await subscription.count(4);
  await change(eve.userId, 'ONLINE', false);
  await change(ben.userId, 'ONLINE', true);
  expect((await subscription.count(5)).map(({ userId, status }) => [userId, status])).toEqual([
    [ben.userId, 'ONLINE'],
    [eve.userId, 'OFFLINE'],
    [ben.userId, 'AWAY'],
    [eve.userId, 'BUSY'],
    [ben.userId, 'ONLINE'],
  ]);
  const tooMany = kit.subscribe(ada.token, query, { ids: Array.from({ length: 501 }, () => randomUUID()) });
  expect(await tooMany.end()).toBe('BAD_USER_INPUT');
});

it('a socket has at most 100 open operations', async () => {
  const ada = await kit.createUser();
  const raw = await socket().signIn(ada.token);
  for (let n = 0; n <= 100; n += 1) raw.send({ id: `${n}`, type: 'subscribe', payload: { query: NOTIFICATIONS } });
  await eventually(() => raw.messages.some((message) => message.type === 'error' && message.payload[0].extensions.code === 'RATE_LIMITED'));
  raw.ws.close();
});

it('one connection watches at most 2,000 users at a time', async () => {
  const ada = await kit.createUser();
  const raw = await socket().signIn(ada.token);
  const query = 'subscription ($ids: [String!]!) { presenceChanged(userIds: $ids) { userId } }';
  const watch = (id: string) =>
    raw.send({ id, type: 'subscribe', payload: { query, variables: { ids: Array.from({ length: 500 }, () => randomUUID()) } } });
  const answersTo = (id: string) => raw.messages.filter((message) => message.id === id);
  for (const id of ['1', '2', '3', '4']) {
    watch(id);
    await eventually(() => answersTo(id).length === 500);
  }
  watch('5');
  await eventually(() => answersTo('5').length > 0);
  expect(JSON.stringify(answersTo('5'))).toContain('RATE_LIMITED');
  raw.send({ id: '1', type: 'complete' });
  watch('6');
  await eventually(() => answersTo('6').length === 500);
  raw.ws.close();
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
