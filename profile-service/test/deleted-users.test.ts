import { recordDeletedUser } from '@chat/shared/consumer';
import { eventually } from '@chat/shared/testing';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestProfileService } from './kit/profile-service.js';

let profiles: TestProfileService;

beforeAll(async () => {
  profiles = await TestProfileService.start();
});
afterAll(() => profiles?.stop());

/** A user with a profile that auth-service still knows, so that a profile could be created again on demand. */
async function createUser(): Promise<{ userId: string; username: string }> {
  const user = profiles.addAccount({ firstName: 'Ada' });
  expect((await profiles.ask(user.userId, 'PATCH', '/profiles/me', { phoneNumber: '+44 20 7946 0000' })).status).toBe(200);
  return user;
}

const rowsOf = async (userId: string): Promise<number> => {
  const [row] = await profiles.dataSource.query(
    `select (select count(*) from profiles where user_id = $1) + (select count(*) from conversation_members where user_id = $1) as count`,
    [userId],
  );
  return Number(row.count);
};

// Contract with auth-service: on UserDeleted every service deletes its rows of the user.
it('UserDeleted deletes the profile and the contacts of the user, and publishes ProfileDeleted once', async () => {
  const [ada, ben] = [await createUser(), await createUser()];
  await profiles.waitUntilConsumed(await profiles.publishConversation([ada.userId, ben.userId]));
  expect(await rowsOf(ada.userId)).toBe(2);
  await profiles.publishDeleted(ada.userId);
  await profiles.waitUntilConsumed(await profiles.publishDeleted(ada.userId));

  expect(await rowsOf(ada.userId)).toBe(0);
  expect(await rowsOf(ben.userId)).toBe(2);
  expect((await profiles.ask(ben.userId, 'GET', `/profiles/${ada.userId}`)).status).toBe(404);
  const { body } = await profiles.ask(ben.userId, 'POST', '/profiles/bulk', { userIds: [ada.userId, ben.userId] });
  expect(body).toMatchObject([null, { userId: ben.userId }]);
  await eventually(() => profiles.deletionsPublishedFor(ada.userId) > 0);
  await profiles.ask(ben.userId, 'PATCH', '/profiles/me', { bio: 'a later event' });
  await profiles.publishedFor(ben.userId, 3);
  expect(profiles.deletionsPublishedFor(ada.userId)).toBe(1);
});

it('a deleted profile is not created again: not by late events, not by requests, not with a token that is still valid', async () => {
  const ada = await createUser();
  const ben = await createUser();
  await profiles.waitUntilConsumed(await profiles.publishDeleted(ada.userId));
  await profiles.waitUntilConsumed(await profiles.publishRegistered(ada));
  await profiles.waitUntilConsumed(await profiles.publishConversation([ada.userId, ben.userId]));
  expect((await profiles.ask(ben.userId, 'GET', `/profiles/${ada.userId}`)).status).toBe(404);
  expect((await profiles.ask(ada.userId, 'GET', '/profiles/me')).status).toBe(404);
  expect((await profiles.ask(ada.userId, 'PATCH', '/profiles/me', { bio: 'back' })).status).toBe(404);
  expect((await profiles.ask(ada.userId, 'POST', '/profiles', { bio: 'back' })).status).toBe(404);
  expect(await rowsOf(ada.userId)).toBe(0);
});

it('a user is recorded as deleted before any row of the user exists', async () => {
  const userId = randomUUID();
  await profiles.waitUntilConsumed(await profiles.publishDeleted(userId));
  await profiles.waitUntilConsumed(await profiles.publishRegistered({ userId, username: 'late' }));
  expect(await rowsOf(userId)).toBe(0);
});

it('a list of profiles takes no lock, and waits for no deletion', async () => {
  const [ben, ada] = [await createUser(), randomUUID()];
  const deletion = profiles.dataSource.createQueryRunner();
  await deletion.startTransaction();
  try {
    await recordDeletedUser(deletion, ada, new Date().toISOString());
    expect(await profiles.ask(ben.userId, 'POST', '/profiles/bulk', { userIds: [ada] })).toMatchObject({ status: 200, body: [null] });
  } finally {
    await deletion.rollbackTransaction();
    await deletion.release();
  }
});
