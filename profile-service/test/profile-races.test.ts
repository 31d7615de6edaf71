import { eventually } from '@chat/shared/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestProfileService } from './kit/profile-service.js';

let profiles: TestProfileService;

beforeAll(async () => {
  profiles = await TestProfileService.start();
});
afterAll(() => profiles?.stop());

const USERS = 12;

/** In another order for each user. A request that is UNAVAILABLE, because the machine is busy, is sent again, as a client does. */
function inSomeOrder(seed: number, works: (() => Promise<unknown>)[]): Promise<unknown> {
  const order = works.map((work, n) => ({ work, at: (n * 7 + seed * 5) % works.length })).sort((a, b) => a.at - b.at);
  return Promise.all(order.map(({ work }) => work()));
}
const answered = (userId: string, method: string, path: string, body?: unknown) =>
  eventually(async () => {
    const answer = await profiles.ask(userId, method, path, body);
    return answer.status === 503 ? false : answer;
  });
const rowsOf = (userId: string) => profiles.dataSource.query('select * from profiles where user_id = $1', [userId]);

it('a user has one profile with one CREATED event, whatever the order of its event and of requests', async () => {
  const other = await profiles.createUser();
  const users = Array.from({ length: USERS }, (_, n) => {
    const account = profiles.addAccount({ firstName: `First${n}` });
    return { ...account, firstName: `First${n}` };
  });
  await Promise.all(
    users.map(({ userId, username, firstName }, n) =>
      inSomeOrder(n, [
        () => profiles.publishRegistered({ userId, username, firstName }),
        () => profiles.publishRegistered({ userId, username, firstName }),
        () => answered(userId, 'GET', '/profiles/me'),
        () => answered(userId, 'POST', '/profiles', { location: 'created' }),
        () => answered(userId, 'PATCH', '/profiles/me', { bio: 'changed' }),
        () => answered(other, 'GET', `/profiles/${userId}`),
        () => answered(other, 'POST', '/profiles/bulk', { userIds: [userId] }),
      ]),
    ),
  );
  const last = await Promise.all(users.map(({ userId, username }) => profiles.publishRegistered({ userId, username, firstName: 'Late' })));
  await Promise.all(last.map((eventId) => profiles.waitUntilConsumed(eventId)));
  for (const { userId, username, firstName } of users) {
    expect(await rowsOf(userId)).toMatchObject([{ username, first_name: firstName, bio: 'changed' }]);
    const events = await profiles.publishedFor(userId, 2);
    expect(events.map(({ payload }) => payload.change)).toEqual(['CREATED', 'UPDATED']);
    expect(events.at(-1)!.payload).toMatchObject({ username, firstName, bio: 'changed' });
  }
});

it('a user that is deleted meanwhile has no profile, and ProfileDeleted is the last event', async () => {
  const users = Array.from({ length: USERS }, () => profiles.addAccount());
  await Promise.all(
    users.map(({ userId, username }, n) =>
      inSomeOrder(n, [
        () => profiles.publishRegistered({ userId, username }),
        () => profiles.publishDeleted(userId),
        () => answered(userId, 'GET', '/profiles/me'),
        () => answered(userId, 'PATCH', '/profiles/me', { bio: 'changed' }),
        () => answered(userId, 'POST', '/profiles', { bio: 'created' }),
      ]),
    ),
  );
  const last = await Promise.all(users.map(({ userId, username }) => profiles.publishRegistered({ userId, username })));
  await Promise.all(last.map((eventId) => profiles.waitUntilConsumed(eventId)));
  for (const { userId } of users) {
    expect((await answered(userId, 'GET', '/profiles/me')).status).toBe(404);
    expect(await rowsOf(userId)).toEqual([]);
    await eventually(async () => (await profiles.dataSource.query('select 1 from outbox where key = $1', [userId])).length === 0);
    const created = profiles.eventsOf(userId).filter((type) => type === 'ProfileUpdated');
    const expected = created.length > 0 ? [...created, 'ProfileDeleted'] : [];
    await eventually(() => expect(profiles.eventsOf(userId)).toEqual(expected));
  }
});
