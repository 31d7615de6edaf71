import { eventually, testInfra } from '@chat/shared/testing';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RedisProxy } from './redis-proxy.js';
import { RunningPresence } from './running-presence.js';

const REDIS_DATABASE = 12;
let presence: RunningPresence;

beforeAll(async () => {
  presence = await RunningPresence.start(REDIS_DATABASE, 2);
});
afterAll(() => presence?.stop());

it('two instances announce each change once', async () => {
  const people = Array.from({ length: 40 }, () => ({ userId: randomUUID(), socket: randomUUID() }));
  await Promise.all(people.map(({ userId, socket }) => presence.openSocket(userId, socket)));
  for (const { userId } of people) await presence.untilAnnounced(userId, ['ONLINE']);

  await Promise.all(people.map(({ userId }, i) => presence.ask(userId, 'POST', '/update', { status: 'AWAY' }, presence.instances[i % 2])));
  for (const { userId } of people) await presence.untilAnnounced(userId, ['ONLINE', 'AWAY']);

  await Promise.all(people.map(({ userId, socket }) => presence.closeSocket(userId, socket)));
  for (const { userId } of people) await presence.untilAnnounced(userId, ['ONLINE', 'AWAY', 'OFFLINE']);

  // Both go on working, and nothing more comes of what was announced.
  const [later, sooner] = [randomUUID(), randomUUID()];
  await presence.choose(later, 'BUSY');
  await presence.ask(sooner, 'POST', '/heartbeat', undefined, presence.instances[1]);
  await presence.untilAnnounced(later, ['BUSY', 'OFFLINE']);
  await presence.untilAnnounced(sooner, ['ONLINE', 'OFFLINE']);
  for (const { userId } of people) expect(presence.statusesOf(userId)).toEqual(['ONLINE', 'AWAY', 'OFFLINE']);
});

it('a choice made at one instance is seen at once at the other', async () => {
  const ada = randomUUID();
  const [one, other] = presence.instances;
  await presence.ask(ada, 'POST', '/update', { status: 'BUSY' }, one);
  expect((await presence.ask(randomUUID(), 'GET', `/user/${ada}`, undefined, other)).body.status).toBe('BUSY');
});

it('an instance that lost Redis says so, and goes on by itself when it is back', async () => {
  const proxy = new RedisProxy(`${testInfra().redisUrl}/${REDIS_DATABASE}`);
  await proxy.open();
  const instance = await presence.startInstance({ REDIS_URL: proxy.url, LOG_LEVEL: 'silent' });
  const ada = randomUUID();
  const ask = (method: string, path: string, body?: unknown) => presence.ask(ada, method, path, body, instance);
  await eventually(async () => (await ask('GET', '/me')).status === 200);

  await proxy.cut();
  const unavailable = { status: 503, body: { code: 'UNAVAILABLE' } };
  expect(await ask('GET', '/me')).toMatchObject(unavailable);
  expect(await ask('POST', '/bulk', { userIds: [ada] })).toMatchObject(unavailable);
  expect(await ask('POST', '/heartbeat')).toMatchObject(unavailable);
  expect(await ask('POST', '/update', { status: 'BUSY' })).toMatchObject(unavailable);
  expect((await fetch(`${instance.url}/health/ready`)).status).toBe(503);
  expect((await fetch(`${instance.url}/health/live`)).status).toBe(200);

  await proxy.open();
  await eventually(async () => (await fetch(`${instance.url}/health/ready`)).status === 200);
  // What was refused left nothing behind.
  expect((await ask('POST', '/heartbeat')).body).toMatchObject({ status: 'ONLINE' });
  await presence.untilAnnounced(ada, ['ONLINE', 'OFFLINE']);
  await presence.stopInstance(instance);
  await proxy.cut();
});
