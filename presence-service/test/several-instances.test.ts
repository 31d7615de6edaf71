import { eventually, testInfra } from '@chat/shared/testing';
import { FaultProxy } from '@chat/testkit/fault-proxy';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RunningPresence } from './kit/running-presence.js';

const REDIS_DATABASE = 12;
let presence: RunningPresence;

beforeAll(async () => {
  presence = await RunningPresence.start(REDIS_DATABASE, 2);
});
afterAll(() => presence?.stop());

it('two instances publish each change once', async () => {
  const users = Array.from({ length: 40 }, () => ({ userId: randomUUID(), socket: randomUUID() }));
  await Promise.all(users.map(({ userId, socket }) => presence.openSocket(userId, socket)));
  for (const { userId } of users) await presence.changes.untilPublished(userId, ['ONLINE']);

  await Promise.all(
    users.map(({ userId }, i) => presence.request(userId, 'POST', '/update', { status: 'AWAY' }, presence.instances[i % 2])),
  );
  for (const { userId } of users) await presence.changes.untilPublished(userId, ['ONLINE', 'AWAY']);

  await Promise.all(users.map(({ userId, socket }) => presence.closeSocket(userId, socket)));
  for (const { userId } of users) await presence.changes.untilPublished(userId, ['ONLINE', 'AWAY', 'OFFLINE']);

  // Both continue to work, and no published change is repeated.
  const [later, sooner] = [randomUUID(), randomUUID()];
  await presence.chooseStatus(later, 'BUSY');
  await presence.request(sooner, 'POST', '/heartbeat', undefined, presence.instances[1]);
  await presence.changes.untilPublished(later, ['BUSY', 'OFFLINE']);
  await presence.changes.untilPublished(sooner, ['ONLINE', 'OFFLINE']);
  for (const { userId } of users) expect(presence.changes.statusesOf(userId)).toEqual(['ONLINE', 'AWAY', 'OFFLINE']);
});

it('a status chosen at one instance is returned at once by the other', async () => {
  const ada = randomUUID();
  const [one, other] = presence.instances;
  await presence.request(ada, 'POST', '/update', { status: 'BUSY' }, one);
  expect((await presence.request(randomUUID(), 'GET', `/user/${ada}`, undefined, other)).body.status).toBe('BUSY');
});

it('an instance without Redis reports it, and continues when Redis returns', async () => {
  const redisUrl = `${testInfra().redisUrl}/${REDIS_DATABASE}`;
  const proxy = await FaultProxy.start(redisUrl, 6379);
  const instance = await presence.startInstance({ REDIS_URL: proxy.urlFor(redisUrl), LOG_LEVEL: 'silent' });
  const ada = randomUUID();
  const request = (method: string, path: string, body?: unknown) => presence.request(ada, method, path, body, instance);
  await eventually(async () => (await request('GET', '/me')).status === 200);

  proxy.refuse();
  const unavailable = { status: 503, body: { code: 'UNAVAILABLE' } };
  expect(await request('GET', '/me')).toMatchObject(unavailable);
  expect(await request('POST', '/bulk', { userIds: [ada] })).toMatchObject(unavailable);
  expect(await request('POST', '/heartbeat')).toMatchObject(unavailable);
  expect(await request('POST', '/update', { status: 'BUSY' })).toMatchObject(unavailable);
  expect((await fetch(`${instance.url}/health/ready`)).status).toBe(503);
  expect((await fetch(`${instance.url}/health/live`)).status).toBe(200);

  proxy.resume();
  await eventually(async () => (await fetch(`${instance.url}/health/ready`)).status === 200);
  // The rejected requests had no effect.
  expect((await request('POST', '/heartbeat')).body).toMatchObject({ status: 'ONLINE' });
  await presence.changes.untilPublished(ada, ['ONLINE', 'OFFLINE']);
  await presence.stopInstance(instance);
  await proxy.close();
});
