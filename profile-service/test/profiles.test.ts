import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestProfileService } from './kit/profile-service.js';

let profiles: TestProfileService;

beforeAll(async () => {
  profiles = await TestProfileService.start();
});
afterAll(() => profiles?.stop());
describe('the visible fields of a profile', () => {
  const everything = { firstName: 'Ada', bio: 'Counts', website: 'https://ada.example', phoneNumber: '112', birthDate: '1815-12-10' };

  it('include phone number and birth date for the owner only', async () => {
    const ada = await profiles.createUser(everything);
    const stranger = await profiles.createUser();
    const { body } = await profiles.ask(stranger, 'GET', `/profiles/${ada}`);
    expect(body).toMatchObject({ firstName: 'Ada', bio: 'Counts', phoneNumber: null, birthDate: null });
    expect((await profiles.ask(ada, 'GET', `/profiles/${ada}`)).body).toMatchObject(everything);
  });

  it('of a private profile are visible to members of a conversation with the owner, and not to other users', async () => {
    const [ada, ben, clara, stranger] = [
      await profiles.createUser({ ...everything, isPublic: false }),
      await profiles.createUser(),
      await profiles.createUser(),
      await profiles.createUser(),
    ];
    await profiles.waitUntilConsumed(await profiles.publishConversation([ada, ben, clara]));

    const hidden = (await profiles.ask(stranger, 'GET', `/profiles/${ada}`)).body;
    expect(Object.keys(hidden).filter((field) => hidden[field] !== null)).toEqual([
      'id',
      'userId',
      'username',
      'isPublic',
      'createdAt',
      'updatedAt',
    ]);
    expect((await profiles.ask(stranger, 'POST', '/profiles/bulk', { userIds: [ada] })).body).toEqual([hidden]);

    for (const contact of [ben, clara]) {
      const seen = (await profiles.ask(contact, 'GET', `/profiles/${ada}`)).body;
      expect(seen).toMatchObject({ firstName: 'Ada', bio: 'Counts', isPublic: false, phoneNumber: null, birthDate: null });
      expect((await profiles.ask(contact, 'POST', '/profiles/bulk', { userIds: [stranger, ada] })).body[1]).toEqual(seen);
    }
    expect((await profiles.ask(ada, 'GET', '/profiles/me')).body).toMatchObject(everything);
  });

  it('of a private profile are visible to a member that joins a group of its owner, until the removal', async () => {
    const [ada, ben] = [await profiles.createUser({ isPublic: false, bio: 'mine' }), await profiles.createUser()];
    const bioForBen = async () => (await profiles.ask(ben, 'GET', `/profiles/${ada}`)).body.bio;
    const group = randomUUID();
    await profiles.publishConversation([ada, randomUUID(), randomUUID()], group);
    await profiles.waitUntilConsumed(await profiles.publishMembersChanged(group, { added: [ben] }));
    expect(await bioForBen()).toBe('mine');
    await profiles.waitUntilConsumed(await profiles.publishMembersChanged(group, { removed: [ben] }));
    expect(await bioForBen()).toBeNull();
  });

  it('do not change when a conversation is redelivered', async () => {
    const [ada, ben] = [await profiles.createUser({ isPublic: false, bio: 'mine' }), await profiles.createUser()];
    const eventId = randomUUID();
    const conversationId = randomUUID();
    await profiles.publishConversation([ada, ben], conversationId, eventId);
    await profiles.publishConversation([ada, ben], conversationId, eventId);
    await profiles.waitUntilConsumed(await profiles.publishConversation([ada, ben], conversationId));
    expect((await profiles.ask(ben, 'GET', `/profiles/${ada}`)).body.bio).toBe('mine');
  });
});

describe('the profiles of a list of ids', () => {
  it('are in the order of the ids, with repetitions, null for unknown ids, and ids in upper or lower case', async () => {
    const [ada, ben] = [await profiles.createUser(), await profiles.createUser()];
    const unknown = randomUUID();
    const { body } = await profiles.ask(ada, 'POST', '/profiles/bulk', { userIds: [ben, unknown, ada, ben.toUpperCase()] });
    expect(body.map((profile: { userId: string } | null) => profile?.userId ?? null)).toEqual([ben, null, ada, ben]);
    expect((await profiles.ask(ada, 'POST', '/profiles/bulk', { userIds: [] })).body).toEqual([]);
  });

  it('include at most five users that have just registered', async () => {
    const ada = await profiles.createUser();
    const newcomers = Array.from({ length: 7 }, () => profiles.addAccount().userId);
    const { body } = await profiles.ask(ada, 'POST', '/profiles/bulk', { userIds: newcomers });
    expect(body.filter((profile: unknown) => profile !== null)).toHaveLength(5);
  });

  it.each([
    ['1,001 ids', { userIds: Array.from({ length: 1001 }, () => randomUUID()) }],
    ['a malformed id', { userIds: [randomUUID(), 'x'] }],
    ['a number as an id', { userIds: [42] }],
    ['no list', { userIds: randomUUID() }],
    ['nothing', {}],
  ])('are rejected for %s', async (_, body) => {
    const answer = await profiles.ask(randomUUID(), 'POST', '/profiles/bulk', body);
    expect(answer).toMatchObject({ status: 400, body: { code: 'BAD_USER_INPUT' } });
  });
});

it('rejects a malformed id in the path', async () => {
  expect(await profiles.ask(randomUUID(), 'GET', '/profiles/x')).toMatchObject({ status: 400, body: { code: 'BAD_USER_INPUT' } });
});

it.each(['/profiles/me', `/profiles/${randomUUID()}`])('%s requires an access token', async (path) => {
  const enrollmentToken = await profiles.auth.issue({ userId: randomUUID(), type: 'mfa-enrollment+jwt' });
  for (const headers of [{}, { authorization: `Bearer ${enrollmentToken}` }]) {
    const response = await fetch(profiles.service.url + path, { headers });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ code: 'UNAUTHENTICATED' });
  }
});
