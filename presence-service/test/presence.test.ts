import { leaseKey, PRESENCE_DUE_KEY } from '@chat/shared/realtime';
import { eventually } from '@chat/shared/testing';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DuePeople } from '../src/presence/due-people.js';
import { GRACE_MS, HEARTBEAT_MS, RunningPresence } from './running-presence.js';

let presence: RunningPresence;

beforeAll(async () => {
  presence = await RunningPresence.start(11);
});
afterAll(() => presence?.stop());

const untilMs = (ms: number) => eventually(() => Date.now() >= ms);

/** Comes and goes; the answer is when they were last seen. */
async function visit(userId: string): Promise<string> {
  await presence.choose(userId, 'ONLINE');
  await presence.ask(userId, 'POST', '/offline');
  const { lastSeenAt } = await presence.seen(userId);
  expect(lastSeenAt).not.toBeNull();
  return lastSeenAt!;
}

describe('with a heartbeat', () => {
  it('somebody is there as long as it is fresh and for the grace after, then OFFLINE since it ended', async () => {
    const ada = randomUUID();
    const beatAt = Date.now();
    expect((await presence.ask(ada, 'POST', '/heartbeat')).body).toEqual({ userId: ada, status: 'ONLINE', lastSeenAt: null });
    const answeredAt = Date.now();
    await presence.untilAnnounced(ada, ['ONLINE']);
    await presence.untilAnnounced(ada, ['ONLINE', 'OFFLINE']);
    const gone = await presence.seen(ada);
    const lastSeenMs = Date.parse(gone.lastSeenAt!);
    expect(lastSeenMs).toBeGreaterThanOrEqual(beatAt + HEARTBEAT_MS);
    expect(lastSeenMs).toBeLessThanOrEqual(answeredAt + HEARTBEAT_MS);
    const change = presence.changesOf(ada).at(-1)!;
    expect(change).toMatchObject({ presence: gone, isPublic: true });
    expect(change.atMs).toBeGreaterThanOrEqual(lastSeenMs + GRACE_MS);
  });

  it('a fresh one in time is no change', async () => {
    const ada = randomUUID();
    for (let i = 0; i < 4; i++) {
      await presence.ask(ada, 'POST', '/heartbeat');
      await untilMs(Date.now() + HEARTBEAT_MS / 2);
    }
    expect(presence.statusesOf(ada)).toEqual(['ONLINE']);
  });

  it('a status set without a socket counts as one', async () => {
    const ada = randomUUID();
    expect(await presence.choose(ada, 'AWAY')).toEqual({ userId: ada, status: 'AWAY', lastSeenAt: null });
    await presence.untilAnnounced(ada, ['AWAY', 'OFFLINE']);
  });

  it('somebody who says goodbye is gone at once, without the grace', async () => {
    const ada = randomUUID();
    await presence.ask(ada, 'POST', '/heartbeat');
    await presence.untilAnnounced(ada, ['ONLINE']);
    const { body } = await presence.ask(ada, 'POST', '/offline');
    expect(body).toMatchObject({ status: 'OFFLINE', lastSeenAt: expect.any(String) });
    await presence.untilAnnounced(ada, ['ONLINE', 'OFFLINE']);
    expect(await presence.seen(ada)).toEqual(body);
  });

  it('who was never there can say goodbye, too', async () => {
    expect((await presence.ask(randomUUID(), 'POST', '/offline')).body).toMatchObject({ status: 'OFFLINE', lastSeenAt: null });
  });
});

describe('with a socket', () => {
  it('somebody is there from its opening to the grace after its closing', async () => {
    const [ada, socket] = [randomUUID(), randomUUID()];
    await presence.openSocket(ada, socket);
    await presence.untilAnnounced(ada, ['ONLINE']);
    const closingAt = Date.now();
    await presence.closeSocket(ada, socket);
    const closedAt = Date.now();
    expect((await presence.seen(ada)).status).toBe('ONLINE');
    await presence.untilAnnounced(ada, ['ONLINE', 'OFFLINE']);
    const lastSeenMs = Date.parse((await presence.seen(ada)).lastSeenAt!);
    expect(lastSeenMs).toBeGreaterThanOrEqual(closingAt);
    expect(lastSeenMs).toBeLessThanOrEqual(closedAt);
    expect(presence.changesOf(ada).at(-1)!.atMs).toBeGreaterThanOrEqual(lastSeenMs + GRACE_MS);
  });

  it('a reconnect within the grace is no change', async () => {
    const [ada, socket] = [randomUUID(), randomUUID()];
    await presence.openSocket(ada, socket);
    await presence.untilAnnounced(ada, ['ONLINE']);
    await presence.closeSocket(ada, socket);
    await presence.openSocket(ada);
    await untilMs(Date.now() + 2 * GRACE_MS);
    await presence.choose(ada, 'BUSY');
    await presence.untilAnnounced(ada, ['ONLINE', 'BUSY']);
    expect(presence.statusesOf(ada)).toEqual(['ONLINE', 'BUSY']);
  });

  it('the one that is left keeps somebody there', async () => {
    const [ada, phone, laptop] = [randomUUID(), randomUUID(), randomUUID()];
    await presence.openSocket(ada, phone);
    await presence.openSocket(ada, laptop);
    await presence.closeSocket(ada, phone);
    await untilMs(Date.now() + 2 * GRACE_MS);
    expect((await presence.seen(ada)).status).toBe('ONLINE');
    await presence.closeSocket(ada, laptop);
    await presence.untilAnnounced(ada, ['ONLINE', 'OFFLINE']);
  });

  it('a gateway that dies takes nobody with it for longer than the lease', async () => {
    const ada = randomUUID();
    await presence.openSocket(ada, randomUUID(), 500);
    await presence.untilAnnounced(ada, ['ONLINE', 'OFFLINE']);
    expect((await presence.seen(ada)).status).toBe('OFFLINE');
  });

  it('a status is only set, and outlives the socket', async () => {
    const [ada, socket] = [randomUUID(), randomUUID()];
    await presence.openSocket(ada, socket);
    expect((await presence.choose(ada, 'BUSY')).status).toBe('BUSY');
    expect(await presence.redis.zrange(leaseKey(ada), 0, -1)).toEqual([socket]);
    await presence.closeSocket(ada, socket);
    await eventually(async () => (await presence.seen(ada)).status === 'OFFLINE');
    await presence.openSocket(ada);
    expect((await presence.seen(ada)).status).toBe('BUSY');
  });

  it('a goodbye changes nothing', async () => {
    const ada = randomUUID();
    await presence.openSocket(ada);
    expect((await presence.ask(ada, 'POST', '/offline')).body.status).toBe('ONLINE');
  });
});

describe('chosen OFFLINE', () => {
  it('is not to be seen, and last seen stays as it was', async () => {
    const [ada, socket] = [randomUUID(), randomUUID()];
    const lastSeenAt = await visit(ada);
    await presence.openSocket(ada, socket);
    await eventually(async () => (await presence.seen(ada)).status === 'ONLINE');
    const asBefore = { userId: ada, status: 'OFFLINE', lastSeenAt };
    expect(await presence.choose(ada, 'OFFLINE')).toEqual(asBefore);
    await presence.closeSocket(ada, socket);
    await untilMs(Date.now() + 2 * GRACE_MS);
    expect(await presence.seen(ada)).toEqual(asBefore);

    // The next time, too, until another choice.
    await presence.openSocket(ada);
    expect(await presence.seen(ada)).toEqual(asBefore);
    expect(await presence.choose(ada, 'ONLINE')).toEqual({ ...asBefore, status: 'ONLINE' });
  });

  it('is not announced while nothing about it can be seen', async () => {
    const ada = randomUUID();
    await presence.choose(ada, 'OFFLINE');
    await presence.openSocket(ada);
    await untilMs(Date.now() + GRACE_MS);
    await presence.choose(ada, 'AWAY');
    await presence.untilAnnounced(ada, ['AWAY']);
    expect((await presence.seen(ada)).status).toBe('AWAY');
  });
});

describe('a private profile', () => {
  it('shows its presence to people in a conversation with its owner, and nobody else', async () => {
    const [ada, ben, stranger] = [randomUUID(), randomUUID(), randomUUID()];
    await presence.announceIsPublic(ada, false);
    await presence.openSocket(ada);
    await presence.announceConversation([ben, ada, randomUUID()]);

    expect((await presence.seen(ada, ben)).status).toBe('ONLINE');
    expect((await presence.seen(ada, ada)).status).toBe('ONLINE');
    expect((await presence.ask(ada, 'GET', '/me')).body.status).toBe('ONLINE');
    expect(await presence.seen(ada, stranger)).toEqual({ userId: ada, status: 'OFFLINE', lastSeenAt: null });
    const { body } = await presence.ask(stranger, 'POST', '/bulk', { userIds: [ada] });
    expect(body).toEqual([{ userId: ada, status: 'OFFLINE', lastSeenAt: null }]);
  });

  it('hides last seen, too', async () => {
    const ada = randomUUID();
    await visit(ada);
    await presence.announceIsPublic(ada, false);
    expect((await presence.seen(ada)).lastSeenAt).toBeNull();
  });

  it('is announced when it becomes one and when it no longer is, once each', async () => {
    const ada = randomUUID();
    await presence.openSocket(ada);
    await presence.untilAnnounced(ada, ['ONLINE']);
    await presence.announceIsPublic(ada, true);
    await presence.announceIsPublic(ada, false);
    await eventually(() => presence.changesOf(ada).at(-1)!.isPublic === false);
    await presence.announceIsPublic(ada, false);
    await presence.announceIsPublic(ada, true);
    await eventually(() => presence.changesOf(ada).at(-1)!.isPublic);
    expect(presence.changesOf(ada).map(({ presence, isPublic }) => [presence.status, isPublic])).toEqual([
      ['ONLINE', true],
      ['ONLINE', false],
      ['ONLINE', true],
    ]);
  });
});

it('takes a redelivered event as the same', async () => {
  const [ada, ben, eventId, conversationId] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
  const registered = {
    type: 'UserRegistered' as const,
    key: ada,
    payload: { userId: ada, username: 'ada', firstName: null, lastName: null, registeredAt: new Date().toISOString() },
  };
  await presence.announce({ ...registered, eventId }, { ...registered, eventId });
  await presence.announceConversation([ada, ben], conversationId, randomUUID());
  await presence.announceConversation([ada, ben], conversationId, randomUUID());
  const profileUpdate = randomUUID();
  await presence.announceIsPublic(ada, false, profileUpdate);
  await presence.announceIsPublic(ada, true);
  // The older one again: its effect is not repeated.
  await presence.announceIsPublic(ada, false, profileUpdate);
  const last = randomUUID();
  await presence.announce({ ...registered, eventId: last });
  await presence.untilHandled(last);
  await presence.openSocket(ada);
  expect((await presence.seen(ada)).status).toBe('ONLINE');
});

it('announces where 20 changes at the same time ended, and never the same twice in a row', async () => {
  const ada = randomUUID();
  await presence.openSocket(ada);
  const statuses = ['ONLINE', 'AWAY', 'BUSY', 'OFFLINE'] as const;
  await Promise.all(Array.from({ length: 20 }, (_, i) => presence.choose(ada, statuses[i % 4]!)));
  await presence.choose(ada, 'ONLINE');
  await presence.choose(ada, 'BUSY');
  await eventually(() => presence.statusesOf(ada).at(-1) === 'BUSY');
  const announced = presence.statusesOf(ada);
  for (let i = 1; i < announced.length; i++) expect(announced[i]).not.toBe(announced[i - 1]);
});

describe('many at once', () => {
  it('come in the order asked, with repeats and unknown ids, in any spelling', async () => {
    const [ada, unknown] = [randomUUID(), randomUUID()];
    await presence.openSocket(ada);
    const { body } = await presence.ask(ada, 'POST', '/bulk', { userIds: [unknown, ada.toUpperCase(), unknown] });
    const nobody = { userId: unknown, status: 'OFFLINE', lastSeenAt: null };
    expect(body).toEqual([nobody, { userId: ada, status: 'ONLINE', lastSeenAt: null }, nobody]);
    expect((await presence.ask(ada, 'POST', '/bulk', { userIds: [] })).body).toEqual([]);
    const all = Array.from({ length: 500 }, () => randomUUID());
    expect((await presence.ask(ada, 'POST', '/bulk', { userIds: all })).body).toHaveLength(500);
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
])('refuses %s', async (_, method, path, body) => {
  expect(await presence.ask(randomUUID(), method, path, body)).toMatchObject({ status: 400, body: { code: 'BAD_USER_INPUT' } });
});

it('answers only with an access token', async () => {
  const forSetup = await presence.auth.issue({ userId: randomUUID(), type: 'mfa-enrollment+jwt' });
  for (const headers of [{}, { authorization: `Bearer ${forSetup}` }]) {
    const response = await fetch(`${presence.instances[0]!.url}/presence/me`, { headers });
    expect(response.status).toBe(401);
  }
});

describe('when a process dies', () => {
  it('what it had taken on is done by another', async () => {
    const [ada, socket] = [randomUUID(), randomUUID()];
    await presence.openSocket(ada, socket);
    await presence.untilAnnounced(ada, ['ONLINE']);
    const doomed = new DuePeople(presence.redis);
    // Takes everyone due before the running instance does, and never comes back to them.
    await eventually(async () => {
      await presence.redis.zadd(PRESENCE_DUE_KEY, Date.now(), ada);
      return (await doomed.claim(100, 1000)).userIds.includes(ada);
    });
    await presence.redis.zrem(leaseKey(ada), socket);
    await presence.untilAnnounced(ada, ['ONLINE', 'OFFLINE']);
  });

  it('comings and goings while no instance runs are announced by the next', async () => {
    const [stays, comes, goes, visits, socket] = [randomUUID(), randomUUID(), randomUUID(), randomUUID(), randomUUID()];
    await presence.openSocket(stays);
    await presence.openSocket(goes, socket);
    await presence.untilAnnounced(stays, ['ONLINE']);
    await presence.untilAnnounced(goes, ['ONLINE']);
    await presence.stopInstance(presence.instances[0]!);

    await presence.openSocket(comes);
    await presence.closeSocket(goes, socket);
    await presence.openSocket(visits, socket);
    await presence.closeSocket(visits, socket);
    // Redis may even have forgotten whom to look at.
    await presence.redis.zrem(PRESENCE_DUE_KEY, goes);
    await presence.startInstance();
    await presence.untilAnnounced(comes, ['ONLINE']);
    await presence.untilAnnounced(goes, ['ONLINE', 'OFFLINE']);
    expect(presence.statusesOf(stays)).toEqual(['ONLINE']);
    await eventually(async () => (await presence.seen(visits)).status === 'OFFLINE');
    expect((await presence.seen(visits)).lastSeenAt).not.toBeNull();
  });
});
