import { leaseKey, PRESENCE_DUE_KEY } from '@chat/shared/realtime';
import { eventually } from '@chat/shared/testing';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PresenceCheckQueue } from '../src/presence/check-queue.js';
import { GRACE_MS, HEARTBEAT_MS, RunningPresence } from './kit/running-presence.js';

let presence: RunningPresence;

beforeAll(async () => {
  presence = await RunningPresence.start(11);
});
afterAll(() => presence?.stop());

const untilMs = (ms: number) => eventually(() => Date.now() >= ms);

/** The user is present, then signs off. Returns the time of last seen. */
async function visit(userId: string): Promise<string> {
  await presence.chooseStatus(userId, 'ONLINE');
  await presence.request(userId, 'POST', '/offline');
  const { lastSeenAt } = await presence.presenceOf(userId);
  expect(lastSeenAt).not.toBeNull();
  return lastSeenAt!;
}

describe('with a heartbeat', () => {
  it('a user is present until it expires and for the grace period, then OFFLINE since its end', async () => {
    const ada = randomUUID();
    const beatAt = Date.now();
    expect((await presence.request(ada, 'POST', '/heartbeat')).body).toEqual({ userId: ada, status: 'ONLINE', lastSeenAt: null });
    const answeredAt = Date.now();
    await presence.untilPublished(ada, ['ONLINE']);
    await presence.untilPublished(ada, ['ONLINE', 'OFFLINE']);
    const absent = await presence.presenceOf(ada);
    const lastSeenMs = Date.parse(absent.lastSeenAt!);
    expect(lastSeenMs).toBeGreaterThanOrEqual(beatAt + HEARTBEAT_MS);
    expect(lastSeenMs).toBeLessThanOrEqual(answeredAt + HEARTBEAT_MS);
    const change = presence.changesOf(ada).at(-1)!;
    expect(change).toMatchObject({ presence: absent, isPublic: true });
    expect(change.atMs).toBeGreaterThanOrEqual(lastSeenMs + GRACE_MS);
  });

  it('a new heartbeat in time is no change', async () => {
    const ada = randomUUID();
    for (let i = 0; i < 4; i++) {
      await presence.request(ada, 'POST', '/heartbeat');
      await untilMs(Date.now() + HEARTBEAT_MS / 2);
    }
    expect(presence.statusesOf(ada)).toEqual(['ONLINE']);
  });

  it('a status set without a socket counts as a heartbeat', async () => {
    const ada = randomUUID();
    expect(await presence.chooseStatus(ada, 'AWAY')).toEqual({ userId: ada, status: 'AWAY', lastSeenAt: null });
    await presence.untilPublished(ada, ['AWAY', 'OFFLINE']);
  });

  it('a user that signs off is OFFLINE at once, without the grace period', async () => {
    const ada = randomUUID();
    await presence.request(ada, 'POST', '/heartbeat');
    await presence.untilPublished(ada, ['ONLINE']);
    const { body } = await presence.request(ada, 'POST', '/offline');
    expect(body).toMatchObject({ status: 'OFFLINE', lastSeenAt: expect.any(String) });
    await presence.untilPublished(ada, ['ONLINE', 'OFFLINE']);
    expect(await presence.presenceOf(ada)).toEqual(body);
  });

  it('a user that was never present can sign off, too', async () => {
    expect((await presence.request(randomUUID(), 'POST', '/offline')).body).toMatchObject({ status: 'OFFLINE', lastSeenAt: null });
  });
});

describe('with a socket', () => {
  it('a user is present from its opening to the end of the grace period after its closing', async () => {
    const [ada, socket] = [randomUUID(), randomUUID()];
    await presence.openSocket(ada, socket);
    await presence.untilPublished(ada, ['ONLINE']);
    const closingAt = Date.now();
    await presence.closeSocket(ada, socket);
    const closedAt = Date.now();
    expect((await presence.presenceOf(ada)).status).toBe('ONLINE');
    await presence.untilPublished(ada, ['ONLINE', 'OFFLINE']);
    const lastSeenMs = Date.parse((await presence.presenceOf(ada)).lastSeenAt!);
    expect(lastSeenMs).toBeGreaterThanOrEqual(closingAt);
    expect(lastSeenMs).toBeLessThanOrEqual(closedAt);
    expect(presence.changesOf(ada).at(-1)!.atMs).toBeGreaterThanOrEqual(lastSeenMs + GRACE_MS);
  });

  it('a reconnect within the grace period is no change', async () => {
    const [ada, socket] = [randomUUID(), randomUUID()];
    await presence.openSocket(ada, socket);
    await presence.untilPublished(ada, ['ONLINE']);
    await presence.closeSocket(ada, socket);
    await presence.openSocket(ada);
    await untilMs(Date.now() + 2 * GRACE_MS);
    await presence.chooseStatus(ada, 'BUSY');
    await presence.untilPublished(ada, ['ONLINE', 'BUSY']);
    expect(presence.statusesOf(ada)).toEqual(['ONLINE', 'BUSY']);
  });

  it('a second socket keeps the user present', async () => {
    const [ada, phone, laptop] = [randomUUID(), randomUUID(), randomUUID()];
    await presence.openSocket(ada, phone);
    await presence.openSocket(ada, laptop);
    await presence.closeSocket(ada, phone);
    await untilMs(Date.now() + 2 * GRACE_MS);
    expect((await presence.presenceOf(ada)).status).toBe('ONLINE');
    await presence.closeSocket(ada, laptop);
    await presence.untilPublished(ada, ['ONLINE', 'OFFLINE']);
  });

  it('after a crash of a gateway its users are present no longer than the lease', async () => {
    const ada = randomUUID();
    await presence.openSocket(ada, randomUUID(), 500);
    await presence.untilPublished(ada, ['ONLINE', 'OFFLINE']);
    expect((await presence.presenceOf(ada)).status).toBe('OFFLINE');
  });

  it('a status that is set creates no lease, and outlasts the socket', async () => {
    const [ada, socket] = [randomUUID(), randomUUID()];
    await presence.openSocket(ada, socket);
    expect((await presence.chooseStatus(ada, 'BUSY')).status).toBe('BUSY');
    expect(await presence.redis.zrange(leaseKey(ada), 0, -1)).toEqual([socket]);
    await presence.closeSocket(ada, socket);
    await eventually(async () => (await presence.presenceOf(ada)).status === 'OFFLINE');
    await presence.openSocket(ada);
    expect((await presence.presenceOf(ada)).status).toBe('BUSY');
  });

  it('signing off changes nothing', async () => {
    const ada = randomUUID();
    await presence.openSocket(ada);
    expect((await presence.request(ada, 'POST', '/offline')).body.status).toBe('ONLINE');
  });
});

describe('chosen OFFLINE', () => {
  it('hides the user, and last seen does not change', async () => {
    const [ada, socket] = [randomUUID(), randomUUID()];
    const lastSeenAt = await visit(ada);
    await presence.openSocket(ada, socket);
    await eventually(async () => (await presence.presenceOf(ada)).status === 'ONLINE');
    const asBefore = { userId: ada, status: 'OFFLINE', lastSeenAt };
    expect(await presence.chooseStatus(ada, 'OFFLINE')).toEqual(asBefore);
    await presence.closeSocket(ada, socket);
    await untilMs(Date.now() + 2 * GRACE_MS);
    expect(await presence.presenceOf(ada)).toEqual(asBefore);

    // At the next connection, too, until another choice.
    await presence.openSocket(ada);
    expect(await presence.presenceOf(ada)).toEqual(asBefore);
    expect(await presence.chooseStatus(ada, 'ONLINE')).toEqual({ ...asBefore, status: 'ONLINE' });
  });

  it('is not published while nothing visible changes', async () => {
    const ada = randomUUID();
    await presence.chooseStatus(ada, 'OFFLINE');
    await presence.openSocket(ada);
    await untilMs(Date.now() + GRACE_MS);
    await presence.chooseStatus(ada, 'AWAY');
    await presence.untilPublished(ada, ['AWAY']);
    expect((await presence.presenceOf(ada)).status).toBe('AWAY');
  });
});

describe('a private profile', () => {
  it('shows its presence to users that share a conversation with its owner, and to no other user', async () => {
    const [ada, ben, otherUser] = [randomUUID(), randomUUID(), randomUUID()];
    await presence.publishIsPublic(ada, false);
    await presence.openSocket(ada);
    await presence.publishConversation([ben, ada, randomUUID()]);

    expect((await presence.presenceOf(ada, ben)).status).toBe('ONLINE');
    expect((await presence.presenceOf(ada, ada)).status).toBe('ONLINE');
    expect((await presence.request(ada, 'GET', '/me')).body.status).toBe('ONLINE');
    expect(await presence.presenceOf(ada, otherUser)).toEqual({ userId: ada, status: 'OFFLINE', lastSeenAt: null });
    const { body } = await presence.request(otherUser, 'POST', '/bulk', { userIds: [ada] });
    expect(body).toEqual([{ userId: ada, status: 'OFFLINE', lastSeenAt: null }]);
  });

  it('hides last seen from other users, too', async () => {
    const ada = randomUUID();
    await visit(ada);
    await presence.publishIsPublic(ada, false);
    expect((await presence.presenceOf(ada)).lastSeenAt).toBeNull();
  });

  it('is published when the profile becomes private and when it becomes public, once each', async () => {
    const ada = randomUUID();
    await presence.openSocket(ada);
    await presence.untilPublished(ada, ['ONLINE']);
    await presence.publishIsPublic(ada, true);
    await presence.publishIsPublic(ada, false);
    await eventually(() => presence.changesOf(ada).at(-1)!.isPublic === false);
    await presence.publishIsPublic(ada, false);
    await presence.publishIsPublic(ada, true);
    await eventually(() => presence.changesOf(ada).at(-1)!.isPublic);
    expect(presence.changesOf(ada).map(({ presence, isPublic }) => [presence.status, isPublic])).toEqual([
      ['ONLINE', true],
      ['ONLINE', false],
      ['ONLINE', true],
    ]);
  });
});

it('a redelivered event has no second effect', async () => {
  const [ada, ben, eventId, conversationId] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
  const registered = {
    type: 'UserRegistered' as const,
    key: ada,
    payload: { userId: ada, username: 'ada', firstName: null, lastName: null, registeredAt: new Date().toISOString() },
  };
  await presence.publish({ ...registered, eventId }, { ...registered, eventId });
  await presence.publishConversation([ada, ben], conversationId, randomUUID());
  await presence.publishConversation([ada, ben], conversationId, randomUUID());
  const profileUpdate = randomUUID();
  await presence.publishIsPublic(ada, false, profileUpdate);
  await presence.publishIsPublic(ada, true);
  // The older event again: its effect is not repeated.
  await presence.publishIsPublic(ada, false, profileUpdate);
  const last = randomUUID();
  await presence.publish({ ...registered, eventId: last });
  await presence.untilHandled(last);
  await presence.openSocket(ada);
  expect((await presence.presenceOf(ada)).status).toBe('ONLINE');
});

it('publishes the result of 20 changes at the same time, and never the same status twice in a row', async () => {
  const ada = randomUUID();
  await presence.openSocket(ada);
  const statuses = ['ONLINE', 'AWAY', 'BUSY', 'OFFLINE'] as const;
  await Promise.all(Array.from({ length: 20 }, (_, i) => presence.chooseStatus(ada, statuses[i % 4]!)));
  await presence.chooseStatus(ada, 'ONLINE');
  await presence.chooseStatus(ada, 'BUSY');
  await eventually(() => presence.statusesOf(ada).at(-1) === 'BUSY');
  const published = presence.statusesOf(ada);
  for (let i = 1; i < published.length; i++) expect(published[i]).not.toBe(published[i - 1]);
});

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

describe('when a process crashes', () => {
  it('another one checks the users that it had claimed', async () => {
    const [ada, socket] = [randomUUID(), randomUUID()];
    await presence.openSocket(ada, socket);
    await presence.untilPublished(ada, ['ONLINE']);
    const crashed = new PresenceCheckQueue(presence.redis);
    // Claims the due users before the running instance does, and never settles.
    await eventually(async () => {
      await presence.redis.zadd(PRESENCE_DUE_KEY, Date.now(), ada);
      return (await crashed.claim(100, 1000)).userIds.includes(ada);
    });
    await presence.redis.zrem(leaseKey(ada), socket);
    await presence.untilPublished(ada, ['ONLINE', 'OFFLINE']);
  });

  it('changes while no instance runs are published by the next one', async () => {
    const [stays, comes, goes, visits, socket] = [randomUUID(), randomUUID(), randomUUID(), randomUUID(), randomUUID()];
    await presence.openSocket(stays);
    await presence.openSocket(goes, socket);
    await presence.untilPublished(stays, ['ONLINE']);
    await presence.untilPublished(goes, ['ONLINE']);
    await presence.stopInstance(presence.instances[0]!);

    await presence.openSocket(comes);
    await presence.closeSocket(goes, socket);
    await presence.openSocket(visits, socket);
    await presence.closeSocket(visits, socket);
    // Redis may even have lost the check queue.
    await presence.redis.zrem(PRESENCE_DUE_KEY, goes);
    await presence.startInstance();
    await presence.untilPublished(comes, ['ONLINE']);
    await presence.untilPublished(goes, ['ONLINE', 'OFFLINE']);
    expect(presence.statusesOf(stays)).toEqual(['ONLINE']);
    await eventually(async () => (await presence.presenceOf(visits)).status === 'OFFLINE');
    expect((await presence.presenceOf(visits)).lastSeenAt).not.toBeNull();
  });
});
