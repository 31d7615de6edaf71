import { leaseKey, PRESENCE_DUE_KEY } from '@chat/shared/realtime';
import { eventually } from '@chat/shared/testing';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PresenceCheckQueue } from '../src/presence/check-queue.js';
import { RunningPresence } from './kit/running-presence.js';

let presence: RunningPresence;

beforeAll(async () => {
  presence = await RunningPresence.start(10);
});
afterAll(() => presence?.stop());

it('a redelivered event has no second effect', async () => {
  const [ada, ben, eventId, conversationId] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
  const registered = {
    type: 'UserRegistered' as const,
    key: ada,
    payload: { userId: ada, username: 'ada', firstName: null, lastName: null, registeredAt: new Date().toISOString() },
  };
  await presence.others.publish({ ...registered, eventId }, { ...registered, eventId });
  await presence.others.publishConversation([ada, ben], conversationId, randomUUID());
  await presence.others.publishConversation([ada, ben], conversationId, randomUUID());
  const profileUpdate = randomUUID();
  await presence.others.publishIsPublic(ada, false, profileUpdate);
  await presence.others.publishIsPublic(ada, true);
  // The older event again: its effect is not repeated.
  await presence.others.publishIsPublic(ada, false, profileUpdate);
  const last = randomUUID();
  await presence.others.publish({ ...registered, eventId: last });
  await presence.others.untilHandled(last);
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
  await eventually(() => presence.changes.statusesOf(ada).at(-1) === 'BUSY');
  const published = presence.changes.statusesOf(ada);
  for (let i = 1; i < published.length; i++) expect(published[i]).not.toBe(published[i - 1]);
});

describe('when a process crashes', () => {
  it('another one checks the users that it had claimed', async () => {
    const [ada, socket] = [randomUUID(), randomUUID()];
    await presence.openSocket(ada, socket);
    await presence.changes.untilPublished(ada, ['ONLINE']);
    const crashed = new PresenceCheckQueue(presence.redis);
    // Claims the due users before the running instance does, and never settles.
    await eventually(async () => {
      await presence.redis.zadd(PRESENCE_DUE_KEY, Date.now(), ada);
      return (await crashed.claim(100, 1000)).userIds.includes(ada);
    });
    await presence.redis.zrem(leaseKey(ada), socket);
    await presence.changes.untilPublished(ada, ['ONLINE', 'OFFLINE']);
  });

  it('changes while no instance runs are published by the next one', async () => {
    const [stays, comes, goes, visits, socket] = [randomUUID(), randomUUID(), randomUUID(), randomUUID(), randomUUID()];
    await presence.openSocket(stays);
    await presence.openSocket(goes, socket);
    await presence.changes.untilPublished(stays, ['ONLINE']);
    await presence.changes.untilPublished(goes, ['ONLINE']);
    await presence.stopInstance(presence.instances[0]!);

    await presence.openSocket(comes);
    await presence.closeSocket(goes, socket);
    await presence.openSocket(visits, socket);
    await presence.closeSocket(visits, socket);
    // Redis may even have lost the check queue.
    await presence.redis.zrem(PRESENCE_DUE_KEY, goes);
    await presence.startInstance();
    await presence.changes.untilPublished(comes, ['ONLINE']);
    await presence.changes.untilPublished(goes, ['ONLINE', 'OFFLINE']);
    expect(presence.changes.statusesOf(stays)).toEqual(['ONLINE']);
    await eventually(async () => (await presence.presenceOf(visits)).status === 'OFFLINE');
    expect((await presence.presenceOf(visits)).lastSeenAt).not.toBeNull();
  });
});
