import { eventually } from '@chat/shared/testing';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RunningPresence } from './kit/running-presence.js';

let presence: RunningPresence;

beforeAll(async () => {
  presence = await RunningPresence.start(15);
});
afterAll(() => presence?.stop());

const hidden = (userId: string) => ({ userId, status: 'OFFLINE', lastSeenAt: null });

describe('of two users of which one has blocked the other', () => {
  it('neither sees the presence or last seen of the other; all others do', async () => {
    const [ada, ben] = [randomUUID(), randomUUID()];
    for (const userId of [ada, ben]) {
      await presence.openSocket(userId);
      await presence.changes.untilPublished(userId, ['ONLINE']);
    }
    await presence.others.publishBlocked(ada, ben);
    expect(await presence.presenceOf(ada, ben)).toEqual(hidden(ada));
    expect(await presence.presenceOf(ben, ada)).toEqual(hidden(ben));
    expect((await presence.request(ben, 'POST', '/bulk', { userIds: [ada, ben] })).body).toMatchObject([hidden(ada), { status: 'ONLINE' }]);
    expect((await presence.presenceOf(ada)).status).toBe('ONLINE');
    expect((await presence.presenceOf(ada, ada)).status).toBe('ONLINE');
    await presence.others.publishUnblocked(ada, ben);
    expect((await presence.presenceOf(ada, ben)).status).toBe('ONLINE');
    expect((await presence.presenceOf(ben, ada)).status).toBe('ONLINE');
  });

  it('both learn each block and its end, and no change of one is public while there is any', async () => {
    const [ada, ben, carl] = [randomUUID(), randomUUID(), randomUUID()];
    await presence.openSocket(ada);
    await presence.changes.untilPublished(ada, ['ONLINE']);
    const isPublicOf = (userId: string) => presence.changes.of(userId).map(({ isPublic }) => isPublic);
    await presence.others.publishBlocked(ada, ben);
    await eventually(() => expect(isPublicOf(ada)).toEqual([true, false]));
    await eventually(() => expect(isPublicOf(ben)).toEqual([false]));
    await presence.others.publishBlocked(carl, ada);
    await eventually(() => expect(isPublicOf(ada)).toEqual([true, false, false]));
    await presence.chooseStatus(ada, 'AWAY');
    await eventually(() => expect(isPublicOf(ada)).toEqual([true, false, false, false]));
    await presence.others.publishUnblocked(ada, ben);
    await eventually(() => expect(isPublicOf(ada)).toEqual([true, false, false, false, false]));
    await eventually(() => expect(isPublicOf(ben)).toEqual([false, true]));
    await presence.others.publishUnblocked(carl, ada);
    await eventually(() => expect(isPublicOf(ada)).toEqual([true, false, false, false, false, true]));
  });
});

it('the blocks of a deleted user are deleted, and a late event restores none', async () => {
  const [ada, ben, carl] = [randomUUID(), randomUUID(), randomUUID()];
  await presence.others.publishBlocked(ada, ben);
  await presence.others.publishBlocked(carl, ada);
  await presence.others.publishDeleted(ada);
  await presence.others.publishBlocked(ada, carl);
  await presence.others.publishBlocked(ben, ada);
  expect(await presence.rowsOf(ada)).toBe(0);
});
