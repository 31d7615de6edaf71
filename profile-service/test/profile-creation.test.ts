import { eventually } from '@chat/shared/testing';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestProfileService } from './kit/profile-service.js';

let profiles: TestProfileService;

beforeAll(async () => {
  profiles = await TestProfileService.start();
});
afterAll(() => profiles?.stop());
describe('creating a profile', () => {
  it('happens on UserRegistered: a public profile with the names of the account', async () => {
    const userId = randomUUID();
    await profiles.waitUntilConsumed(await profiles.publishRegistered({ userId, username: 'ada.l', firstName: 'Ada' }));
    const { body } = await profiles.ask(userId, 'GET', '/profiles/me');
    expect(body).toMatchObject({ userId, username: 'ada.l', firstName: 'Ada', lastName: null, bio: null, isPublic: true });
    expect(body.createdAt).toBe(body.updatedAt);
  });

  it('happens once if the event is redelivered, or published again with another event id', async () => {
    const userId = randomUUID();
    const eventId = randomUUID();
    await profiles.publishRegistered({ userId, username: 'twice', firstName: 'Ada' }, eventId);
    await profiles.publishRegistered({ userId, username: 'twice', firstName: 'Ada' }, eventId);
    await profiles.waitUntilConsumed(await profiles.publishRegistered({ userId, username: 'twice', firstName: 'Later' }));
    await profiles.ask(userId, 'PATCH', '/profiles/me', { bio: 'the next event' });
    const events = await profiles.publishedFor(userId, 2);
    expect(events.map(({ payload }) => [payload.firstName, payload.bio])).toEqual([
      ['Ada', null],
      ['Ada', 'the next event'],
    ]);
  });

  it('happens on the first request if the event has not been consumed yet', async () => {
    const ada = profiles.addAccount({ firstName: 'Ada' });
    const ben = profiles.addAccount();
    expect((await profiles.ask(ben.userId, 'GET', `/profiles/${ada.userId}`)).body).toMatchObject({
      username: ada.username,
      firstName: 'Ada',
    });
    expect((await profiles.ask(ben.userId, 'GET', '/profiles/me')).body).toMatchObject({ username: ben.username });
    const clara = profiles.addAccount();
    expect((await profiles.ask(clara.userId, 'PATCH', '/profiles/me', { bio: 'new here' })).body).toMatchObject({ bio: 'new here' });
  });

  it('does not overwrite changes if the event arrives late', async () => {
    const userId = await profiles.createUser({ firstName: 'Grace' });
    await profiles.waitUntilConsumed(await profiles.publishRegistered({ userId, username: 'late', firstName: 'Ada' }));
    expect((await profiles.ask(userId, 'GET', '/profiles/me')).body.firstName).toBe('Grace');
  });

  it('happens once, with one event, on concurrent requests', async () => {
    const { userId } = profiles.addAccount();
    // As a client does: a request that is UNAVAILABLE, because the machine is busy, is sent again.
    const answered = () =>
      eventually(async () => {
        const answer = await profiles.ask(userId, 'GET', '/profiles/me');
        return answer.status === 503 ? false : answer;
      });
    const answers = await Promise.all(Array.from({ length: 20 }, answered));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    await profiles.ask(userId, 'PATCH', '/profiles/me', { bio: 'the next event' });
    expect(await profiles.publishedFor(userId, 2)).toHaveLength(2);
  });

  it('happens on POST with the given fields; the next POST returns the profile unchanged', async () => {
    const { userId } = profiles.addAccount({ firstName: 'Ada' });
    const made = await profiles.ask(userId, 'POST', '/profiles', { firstName: 'Augusta', bio: 'Counts things' });
    expect(made).toMatchObject({ status: 200, body: { userId, firstName: 'Augusta', bio: 'Counts things' } });
    expect((await profiles.ask(userId, 'POST', '/profiles', { bio: 'Other' })).body).toEqual(made.body);
  });

  it('fails with NOT_FOUND for an unknown user id', async () => {
    const userId = await profiles.createUser();
    expect(await profiles.ask(userId, 'GET', `/profiles/${randomUUID()}`)).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
  });
});

it('answers for users with a profile while auth-service is unavailable', async () => {
  const other = await TestProfileService.start();
  try {
    const known = other.addAccount().userId;
    expect((await other.ask(known, 'GET', '/profiles/me')).status).toBe(200);
    await other.auth.close();
    expect((await other.ask(known, 'GET', '/profiles/me')).status).toBe(200);
    const unknown = randomUUID();
    expect(await other.ask(known, 'GET', `/profiles/${unknown}`)).toMatchObject({ status: 503, body: { code: 'UNAVAILABLE' } });
    const { body } = await other.ask(known, 'POST', '/profiles/bulk', { userIds: [unknown, known] });
    expect(body).toMatchObject([null, { userId: known }]);
  } finally {
    await other.stop();
  }
});
