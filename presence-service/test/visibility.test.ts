import { eventually } from '@chat/shared/testing';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GRACE_MS, RunningPresence } from './kit/running-presence.js';

let presence: RunningPresence;

beforeAll(async () => {
  presence = await RunningPresence.start(8);
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
    await presence.changes.untilPublished(ada, ['AWAY']);
    expect((await presence.presenceOf(ada)).status).toBe('AWAY');
  });
});

describe('a private profile', () => {
  it('shows its presence to users that share a conversation with its owner, and to no other user', async () => {
    const [ada, ben, otherUser] = [randomUUID(), randomUUID(), randomUUID()];
    await presence.others.publishIsPublic(ada, false);
    await presence.openSocket(ada);
    await presence.others.publishConversation([ben, ada, randomUUID()]);

    expect((await presence.presenceOf(ada, ben)).status).toBe('ONLINE');
    expect((await presence.presenceOf(ada, ada)).status).toBe('ONLINE');
    expect((await presence.request(ada, 'GET', '/me')).body.status).toBe('ONLINE');
    expect(await presence.presenceOf(ada, otherUser)).toEqual({ userId: ada, status: 'OFFLINE', lastSeenAt: null });
    const { body } = await presence.request(otherUser, 'POST', '/bulk', { userIds: [ada] });
    expect(body).toEqual([{ userId: ada, status: 'OFFLINE', lastSeenAt: null }]);
  });

  it('shows its presence to a member that joins a group of its owner, until they have no conversation in common', async () => {
    const [ada, ben, group, other] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
    const statusForBen = async () => (await presence.presenceOf(ada, ben)).status;
    await presence.others.publishIsPublic(ada, false);
    await presence.openSocket(ada);
    await presence.others.publishConversation([ada, randomUUID()], group);
    await presence.others.publishConversation([ada, randomUUID()], other);
    expect(await statusForBen()).toBe('OFFLINE');
    await presence.others.publishMembersChanged(group, { added: [ben] });
    await presence.others.publishMembersChanged(other, { added: [ben] });
    expect(await statusForBen()).toBe('ONLINE');
    await presence.others.publishMembersChanged(group, { removed: [ben] });
    expect(await statusForBen()).toBe('ONLINE');
    await presence.others.publishMembersChanged(other, { removed: [ada] });
    expect(await statusForBen()).toBe('OFFLINE');
  });

  it('hides last seen from other users, too', async () => {
    const ada = randomUUID();
    await visit(ada);
    await presence.others.publishIsPublic(ada, false);
    expect((await presence.presenceOf(ada)).lastSeenAt).toBeNull();
  });

  it('is published when the profile becomes private and when it becomes public, once each', async () => {
    const ada = randomUUID();
    await presence.openSocket(ada);
    await presence.changes.untilPublished(ada, ['ONLINE']);
    await presence.others.publishIsPublic(ada, true);
    await presence.others.publishIsPublic(ada, false);
    await eventually(() => presence.changes.of(ada).at(-1)!.isPublic === false);
    await presence.others.publishIsPublic(ada, false);
    await presence.others.publishIsPublic(ada, true);
    await eventually(() => presence.changes.of(ada).at(-1)!.isPublic);
    expect(presence.changes.of(ada).map(({ presence, isPublic }) => [presence.status, isPublic])).toEqual([
      ['ONLINE', true],
      ['ONLINE', false],
      ['ONLINE', true],
    ]);
  });
});
