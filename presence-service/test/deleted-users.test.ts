import { recordDeletedUser } from '@chat/shared/consumer';
import { leaseKey, PRESENCE_DUE_KEY } from '@chat/shared/realtime';
import { eventually } from '@chat/shared/testing';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RunningPresence } from './kit/running-presence.js';

let presence: RunningPresence;

beforeAll(async () => {
  presence = await RunningPresence.start(7);
});
afterAll(() => presence?.stop());

const hidden = (userId: string) => ({ userId, status: 'OFFLINE', lastSeenAt: null });

// auth-service publishes UserDeleted; every service then deletes what it stores of the user.
it('UserDeleted deletes a user that is present, and clients that watch the user receive OFFLINE', async () => {
  const [ada, ben] = [randomUUID(), randomUUID()];
  await presence.others.publishConversation([ada, ben]);
  await presence.chooseStatus(ada, 'BUSY');
  await presence.openSocket(ada);
  await presence.changes.untilPublished(ada, ['BUSY']);
  await presence.others.publishDeleted(ada);

  await presence.changes.untilPublished(ada, ['BUSY', 'OFFLINE']);
  expect(presence.changes.of(ada).at(-1)!.presence).toEqual(hidden(ada));
  expect(await presence.rowsOf(ada)).toBe(0);
  expect(await presence.redis.exists(leaseKey(ada))).toBe(0);
  expect(await presence.presenceOf(ada, ben)).toEqual(hidden(ada));
  expect(await presence.rowsOf(ben)).toBe(1);
});

it('UserDeleted of an absent user publishes nothing, and changes nothing the second time', async () => {
  const ada = randomUUID();
  await presence.others.publishRegistered(ada);
  await presence.others.publishDeleted(ada);
  await presence.others.publishDeleted(ada);
  expect(presence.changes.of(ada)).toEqual([]);
});

it('no late event, open socket or valid token makes a deleted user present again', async () => {
  const ada = randomUUID();
  await presence.others.publishDeleted(ada);
  await presence.others.publishRegistered(ada);
  await presence.others.publishIsPublic(ada, false);
  await presence.others.publishConversation([ada, randomUUID()]);
  await presence.openSocket(ada);
  for (const [path, body] of [['/heartbeat'], ['/update', { status: 'AWAY' }], ['/offline']] as const)
    expect(await presence.request(ada, 'POST', path, body)).toEqual({ status: 200, body: hidden(ada) });
  await eventually(async () => (await presence.redis.zscore(PRESENCE_DUE_KEY, ada)) === null);
  expect(await presence.redis.exists(leaseKey(ada))).toBe(0);
  expect(await presence.presenceOf(ada)).toEqual(hidden(ada));
  expect(await presence.rowsOf(ada)).toBe(0);
  expect(presence.changes.of(ada)).toEqual([]);
});

it('a list of presences takes no lock, and waits for no deletion', async () => {
  const ada = randomUUID();
  const deletion = presence.dataSource.createQueryRunner();
  await deletion.startTransaction();
  try {
    await recordDeletedUser(deletion, ada, new Date().toISOString());
    expect(await presence.presenceOf(ada)).toEqual(hidden(ada));
  } finally {
    await deletion.rollbackTransaction();
    await deletion.release();
  }
});
