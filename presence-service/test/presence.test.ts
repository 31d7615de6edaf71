import { leaseKey } from '@chat/shared/realtime';
import { eventually } from '@chat/shared/testing';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GRACE_MS, HEARTBEAT_MS, RunningPresence } from './kit/running-presence.js';

let presence: RunningPresence;

beforeAll(async () => {
  presence = await RunningPresence.start(11);
});
afterAll(() => presence?.stop());

const untilMs = (ms: number) => eventually(() => Date.now() >= ms);

describe('with a heartbeat', () => {
  it('a user is present until it expires and for the grace period, then OFFLINE since its end', async () => {
    const ada = randomUUID();
    const beatAt = Date.now();
    expect((await presence.request(ada, 'POST', '/heartbeat')).body).toEqual({ userId: ada, status: 'ONLINE', lastSeenAt: null });
    const answeredAt = Date.now();
    await presence.changes.untilPublished(ada, ['ONLINE']);
    await presence.changes.untilPublished(ada, ['ONLINE', 'OFFLINE']);
    const absent = await presence.presenceOf(ada);
    const lastSeenMs = Date.parse(absent.lastSeenAt!);
    expect(lastSeenMs).toBeGreaterThanOrEqual(beatAt + HEARTBEAT_MS);
    expect(lastSeenMs).toBeLessThanOrEqual(answeredAt + HEARTBEAT_MS);
    const change = presence.changes.of(ada).at(-1)!;
    expect(change).toMatchObject({ presence: absent, isPublic: true });
    expect(change.atMs).toBeGreaterThanOrEqual(lastSeenMs + GRACE_MS);
  });

  it('a new heartbeat in time is no change', async () => {
    const ada = randomUUID();
    for (let i = 0; i < 4; i++) {
      await presence.request(ada, 'POST', '/heartbeat');
      await untilMs(Date.now() + HEARTBEAT_MS / 2);
    }
    expect(presence.changes.statusesOf(ada)).toEqual(['ONLINE']);
  });

  it('a status set without a socket counts as a heartbeat', async () => {
    const ada = randomUUID();
    expect(await presence.chooseStatus(ada, 'AWAY')).toEqual({ userId: ada, status: 'AWAY', lastSeenAt: null });
    await presence.changes.untilPublished(ada, ['AWAY', 'OFFLINE']);
  });

  it('a user that signs off is OFFLINE at once, without the grace period', async () => {
    const ada = randomUUID();
    await presence.request(ada, 'POST', '/heartbeat');
    await presence.changes.untilPublished(ada, ['ONLINE']);
    const { body } = await presence.request(ada, 'POST', '/offline');
    expect(body).toMatchObject({ status: 'OFFLINE', lastSeenAt: expect.any(String) });
    await presence.changes.untilPublished(ada, ['ONLINE', 'OFFLINE']);
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
    await presence.changes.untilPublished(ada, ['ONLINE']);
    const closingAt = Date.now();
    await presence.closeSocket(ada, socket);
    const closedAt = Date.now();
    expect((await presence.presenceOf(ada)).status).toBe('ONLINE');
    await presence.changes.untilPublished(ada, ['ONLINE', 'OFFLINE']);
    const lastSeenMs = Date.parse((await presence.presenceOf(ada)).lastSeenAt!);
    expect(lastSeenMs).toBeGreaterThanOrEqual(closingAt);
    expect(lastSeenMs).toBeLessThanOrEqual(closedAt);
    expect(presence.changes.of(ada).at(-1)!.atMs).toBeGreaterThanOrEqual(lastSeenMs + GRACE_MS);
  });

  it('a reconnect within the grace period is no change', async () => {
    const [ada, socket] = [randomUUID(), randomUUID()];
    await presence.openSocket(ada, socket);
    await presence.changes.untilPublished(ada, ['ONLINE']);
    await presence.closeSocket(ada, socket);
    await presence.openSocket(ada);
    await untilMs(Date.now() + 2 * GRACE_MS);
    await presence.chooseStatus(ada, 'BUSY');
    await presence.changes.untilPublished(ada, ['ONLINE', 'BUSY']);
    expect(presence.changes.statusesOf(ada)).toEqual(['ONLINE', 'BUSY']);
  });

  it('a second socket keeps the user present', async () => {
    const [ada, phone, laptop] = [randomUUID(), randomUUID(), randomUUID()];
    await presence.openSocket(ada, phone);
    await presence.openSocket(ada, laptop);
    await presence.closeSocket(ada, phone);
    await untilMs(Date.now() + 2 * GRACE_MS);
    expect((await presence.presenceOf(ada)).status).toBe('ONLINE');
    await presence.closeSocket(ada, laptop);
    await presence.changes.untilPublished(ada, ['ONLINE', 'OFFLINE']);
  });

  it('after a crash of a gateway its users are present no longer than the lease', async () => {
    const ada = randomUUID();
    await presence.openSocket(ada, randomUUID(), 500);
    await presence.changes.untilPublished(ada, ['ONLINE', 'OFFLINE']);
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
