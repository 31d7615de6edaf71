import { eventually } from '@chat/shared/testing';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RunningProfileService } from './running-profile-service.js';

let profiles: RunningProfileService;

beforeAll(async () => {
  profiles = await RunningProfileService.start();
});
afterAll(() => profiles?.stop());

/** Somebody with a profile, whom auth-service still knows: what makes profiles on demand would find them. */
async function someone(): Promise<{ userId: string; username: string }> {
  const person = profiles.newcomer({ firstName: 'Ada' });
  expect((await profiles.ask(person.userId, 'PATCH', '/profiles/me', { phoneNumber: '+44 20 7946 0000' })).status).toBe(200);
  return person;
}

const rowsOf = async (userId: string): Promise<number> => {
  const [row] = await profiles.dataSource.query(
    `select (select count(*) from profiles where user_id = $1) + (select count(*) from conversation_members where user_id = $1) as count`,
    [userId],
  );
  return Number(row.count);
};

// Every service clears what it has of a person when auth-service announces that they are gone.
it('UserDeleted clears the profile and whom it was a contact of, and says so once', async () => {
  const [ada, ben] = [await someone(), await someone()];
  await profiles.untilHandled(await profiles.announceConversation([ada.userId, ben.userId]));
  expect(await rowsOf(ada.userId)).toBe(2);
  await profiles.announceDeleted(ada.userId);
  await profiles.untilHandled(await profiles.announceDeleted(ada.userId));

  expect(await rowsOf(ada.userId)).toBe(0);
  expect(await rowsOf(ben.userId)).toBe(2);
  expect((await profiles.ask(ben.userId, 'GET', `/profiles/${ada.userId}`)).status).toBe(404);
  const { body } = await profiles.ask(ben.userId, 'POST', '/profiles/bulk', { userIds: [ada.userId, ben.userId] });
  expect(body).toMatchObject([null, { userId: ben.userId }]);
  await eventually(() => profiles.timesDeleted(ada.userId) > 0);
  await profiles.ask(ben.userId, 'PATCH', '/profiles/me', { bio: 'a later event' });
  await profiles.announcedOf(ben.userId, 3);
  expect(profiles.timesDeleted(ada.userId)).toBe(1);
});

it('who is gone does not come back: not by late events, not by being asked for, not by a token that still lives', async () => {
  const ada = await someone();
  const ben = await someone();
  await profiles.untilHandled(await profiles.announceDeleted(ada.userId));
  await profiles.untilHandled(await profiles.announceRegistered(ada));
  await profiles.untilHandled(await profiles.announceConversation([ada.userId, ben.userId]));
  expect((await profiles.ask(ben.userId, 'GET', `/profiles/${ada.userId}`)).status).toBe(404);
  expect((await profiles.ask(ada.userId, 'GET', '/profiles/me')).status).toBe(404);
  expect((await profiles.ask(ada.userId, 'PATCH', '/profiles/me', { bio: 'back' })).status).toBe(404);
  expect((await profiles.ask(ada.userId, 'POST', '/profiles', { bio: 'back' })).status).toBe(404);
  expect(await rowsOf(ada.userId)).toBe(0);
});

it('somebody of whom nothing was here yet can be gone, too', async () => {
  const userId = randomUUID();
  await profiles.untilHandled(await profiles.announceDeleted(userId));
  await profiles.untilHandled(await profiles.announceRegistered({ userId, username: 'late' }));
  expect(await rowsOf(userId)).toBe(0);
});
