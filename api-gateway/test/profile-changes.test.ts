import type { Profile } from '@chat/shared/contracts';
import { channels } from '@chat/shared/realtime';
import { eventually } from '@chat/shared/testing';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GatewayKit } from './kit/gateway-kit.js';

let kit: GatewayKit;
beforeAll(async () => {
  kit = await GatewayKit.start();
});
afterAll(() => kit?.stop());

const CHANGES = 'subscription ($ids: [String!]!) { profileChanged(userIds: $ids) { userId firstName phoneNumber profilePicture { id } } }';
const live = (profile: Profile) =>
  kit.services.redis.publish(channels.profile(profile.userId), JSON.stringify({ profile, isPublic: profile.isPublic }));

/** Stores a change at profile-service, later than the one before. */
function change(userId: string, changes: Partial<Profile>): Profile {
  const { users } = kit.services;
  const before = users.profiles.get(userId) ?? users.addProfile(userId);
  const profile = { ...before, updatedAt: new Date(Date.parse(before.updatedAt) + 1000).toISOString(), ...changes };
  users.profiles.set(userId, profile);
  return profile;
}

async function watching(userIds: string[], token: string) {
  const subscription = kit.subscribe(token, CHANGES, { ids: userIds });
  // Nothing is delivered before the subscription is complete.
  let name = '';
  await eventually(async () => {
    if (subscription.items.length === 0) await live(change(userIds[0]!, { firstName: (name = randomUUID()) }));
    return subscription.items.at(-1)?.firstName === name;
  });
  subscription.items.length = 0;
  return subscription;
}

it('profileChanged delivers each visible change once, and no state at the beginning; private profiles are requested', async () => {
  const [ada, ben, eve] = [await kit.createUser(), await kit.createUser(), await kit.createUser()];
  for (const { userId } of [ben, eve]) kit.services.users.addProfile(userId);
  const subscription = await watching([ben.userId, eve.userId], ada.token);
  const first = change(ben.userId, { firstName: 'Ben' });
  await live(first);
  await live(first);
  await subscription.count(1);
  // Only a private field was changed; then an older state arrives late.
  await live(change(ben.userId, {}));
  const newest = change(ben.userId, { firstName: 'Benjamin' });
  await live(newest);
  await live({ ...first, firstName: 'Older' });
  await subscription.count(2);
  const eveForContacts = change(eve.userId, { firstName: 'Eve', isPublic: false });
  await live({ ...eveForContacts, firstName: null });
  expect((await subscription.count(3)).map(({ userId, firstName }) => [userId, firstName])).toEqual([
    [ben.userId, 'Ben'],
    [ben.userId, 'Benjamin'],
    [eve.userId, 'Eve'],
  ]);
});

it('a change during the start of a subscription is delivered, whatever state was loaded meanwhile', async () => {
  const [ada, ben] = [await kit.createUser(), await kit.createUser()];
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const { handlers, users } = kit.services;
  handlers.set('POST /profiles/bulk', async ({ body }) => {
    await released;
    return body.userIds.map((id: string) => users.profiles.get(id) ?? null);
  });
  users.addProfile(ben.userId);
  const subscription = kit.subscribe(ada.token, CHANGES, { ids: [ben.userId] });
  const changed = change(ben.userId, { firstName: 'Early' });
  await eventually(async () => (await live(changed)) === 1);
  release();
  expect(await subscription.count(1)).toMatchObject([{ firstName: 'Early' }]);
  handlers.delete('POST /profiles/bulk');
});

it('the owner receives the own profile with its private fields', async () => {
  const ada = await kit.createUser();
  kit.services.users.addProfile(ada.userId);
  const subscription = await watching([ada.userId], ada.token);
  await live({ ...change(ada.userId, { phoneNumber: '112' }), phoneNumber: null });
  expect(await subscription.count(1)).toMatchObject([{ userId: ada.userId, phoneNumber: '112' }]);
});

it('what changed while Redis was unavailable is delivered when it is available again', async () => {
  const [ada, ben] = [await kit.createUser(), await kit.createUser()];
  kit.services.users.addProfile(ben.userId);
  const subscription = await watching([ben.userId], ada.token);
  change(ben.userId, { firstName: 'Meanwhile' });
  await kit.loseRedis();
  expect(await subscription.count(1)).toMatchObject([{ firstName: 'Meanwhile' }]);
});

it('501 ids, ids that are none, and requests without a token are refused', async () => {
  const ada = await kit.createUser();
  const ids = Array.from({ length: 501 }, () => randomUUID());
  expect(await kit.subscribe(ada.token, CHANGES, { ids }).end()).toBe('BAD_USER_INPUT');
  expect(await kit.subscribe(ada.token, CHANGES, { ids: ['x'] }).end()).toBe('BAD_USER_INPUT');
});
