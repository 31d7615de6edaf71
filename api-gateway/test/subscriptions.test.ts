import { channels } from '@chat/shared/realtime';
import { eventually } from '@chat/shared/testing';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GatewayKit } from './kit/gateway-kit.js';
import { RawSocket } from './kit/raw-socket.js';

let kit: GatewayKit;
beforeAll(async () => {
  kit = await GatewayKit.start();
});
afterAll(() => kit.stop());

const NOTIFICATIONS = 'subscription { notificationReceived { id title data } }';

const socket = () => new RawSocket(kit.url.replace('http', 'ws'));

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
