import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RunningPresence } from './kit/running-presence.js';

let presence: RunningPresence;

beforeAll(async () => {
  presence = await RunningPresence.start(9);
});
afterAll(() => presence?.stop());

describe('the presence of many users', () => {
  it('is returned in the order of the request, with repeated and unknown ids, in any spelling', async () => {
    const [ada, unknown] = [randomUUID(), randomUUID()];
    await presence.openSocket(ada);
    const { body } = await presence.request(ada, 'POST', '/bulk', { userIds: [unknown, ada.toUpperCase(), unknown] });
    const hidden = { userId: unknown, status: 'OFFLINE', lastSeenAt: null };
    expect(body).toEqual([hidden, { userId: ada, status: 'ONLINE', lastSeenAt: null }, hidden]);
    expect((await presence.request(ada, 'POST', '/bulk', { userIds: [] })).body).toEqual([]);
    const all = Array.from({ length: 500 }, () => randomUUID());
    expect((await presence.request(ada, 'POST', '/bulk', { userIds: all })).body).toHaveLength(500);
  });
});

it.each([
  ['501 ids', 'POST', '/bulk', { userIds: Array.from({ length: 501 }, () => randomUUID()) }],
  ['a malformed id in a list', 'POST', '/bulk', { userIds: [randomUUID(), 'x'] }],
  ['no list', 'POST', '/bulk', {}],
  ['an unknown status', 'POST', '/update', { status: 'SLEEPING' }],
  ['no status', 'POST', '/update', {}],
  ['an unknown field', 'POST', '/update', { status: 'AWAY', userId: randomUUID() }],
  ['a malformed id in the path', 'GET', '/user/x', undefined],
])('rejects %s', async (_, method, path, body) => {
  expect(await presence.request(randomUUID(), method, path, body)).toMatchObject({ status: 400, body: { code: 'BAD_USER_INPUT' } });
});

it('a request needs an access token', async () => {
  const enrollmentToken = await presence.auth.issue({ userId: randomUUID(), type: 'mfa-enrollment+jwt' });
  for (const headers of [{}, { authorization: `Bearer ${enrollmentToken}` }]) {
    const response = await fetch(`${presence.instances[0]!.url}/presence/me`, { headers });
    expect(response.status).toBe(401);
  }
});
