import { leaseKey, PRESENCE_DUE_KEY } from '@chat/shared/realtime';
import { eventually } from '@chat/shared/testing';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RunningPresence } from './running-presence.js';

let presence: RunningPresence;

beforeAll(async () => {
  presence = await RunningPresence.start(7);
});
afterAll(() => presence?.stop());

const nobody = (userId: string) => ({ userId, status: 'OFFLINE', lastSeenAt: null });

// Every service clears what it has of a person when auth-service announces that they are gone.
it('UserDeleted clears a person who is present, and who watches them sees them go', async () => {
  const [ada, ben] = [randomUUID(), randomUUID()];
  await presence.announceConversation([ada, ben]);
  await presence.choose(ada, 'BUSY');
  await presence.openSocket(ada);
  await presence.untilAnnounced(ada, ['BUSY']);
  await presence.announceDeleted(ada);

  await presence.untilAnnounced(ada, ['BUSY', 'OFFLINE']);
  expect(presence.changesOf(ada).at(-1)!.presence).toEqual(nobody(ada));
  expect(await presence.rowsOf(ada)).toBe(0);
  expect(await presence.redis.exists(leaseKey(ada))).toBe(0);
  expect(await presence.seen(ada, ben)).toEqual(nobody(ada));
  expect(await presence.rowsOf(ben)).toBe(1);
});

it('UserDeleted says nothing of somebody who was not there, and changes nothing the second time', async () => {
  const ada = randomUUID();
  await presence.announceRegistered(ada);
  await presence.announceDeleted(ada);
  await presence.announceDeleted(ada);
  expect(presence.changesOf(ada)).toEqual([]);
});

it('who is gone does not come back: not by late events, not by a socket that is still open, not by a token that still lives', async () => {
  const ada = randomUUID();
  await presence.announceDeleted(ada);
  await presence.announceRegistered(ada);
  await presence.announceIsPublic(ada, false);
  await presence.announceConversation([ada, randomUUID()]);
  await presence.openSocket(ada);
  for (const [path, body] of [['/heartbeat'], ['/update', { status: 'AWAY' }], ['/offline']] as const)
    expect(await presence.ask(ada, 'POST', path, body)).toEqual({ status: 200, body: nobody(ada) });
  await eventually(async () => (await presence.redis.zscore(PRESENCE_DUE_KEY, ada)) === null);
  expect(await presence.redis.exists(leaseKey(ada))).toBe(0);
  expect(await presence.seen(ada)).toEqual(nobody(ada));
  expect(await presence.rowsOf(ada)).toBe(0);
  expect(presence.changesOf(ada)).toEqual([]);
});
