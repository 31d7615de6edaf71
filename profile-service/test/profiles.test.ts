import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestProfileService } from './kit/profile-service.js';

let profiles: TestProfileService;

beforeAll(async () => {
  profiles = await TestProfileService.start();
});
afterAll(() => profiles?.stop());

/** Creates a user with a profile and these changes to it. */
async function createUser(changes: Record<string, unknown> = {}): Promise<string> {
  const { userId } = profiles.addAccount();
  const { status } = await profiles.ask(userId, 'PATCH', '/profiles/me', changes);
  expect(status).toBe(200);
  return userId;
}

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
    const userId = await createUser({ firstName: 'Grace' });
    await profiles.waitUntilConsumed(await profiles.publishRegistered({ userId, username: 'late', firstName: 'Ada' }));
    expect((await profiles.ask(userId, 'GET', '/profiles/me')).body.firstName).toBe('Grace');
  });

  it('happens once, with one event, on concurrent requests', async () => {
    const { userId } = profiles.addAccount();
    const answers = await Promise.all(Array.from({ length: 20 }, () => profiles.ask(userId, 'GET', '/profiles/me')));
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
    const userId = await createUser();
    expect(await profiles.ask(userId, 'GET', `/profiles/${randomUUID()}`)).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
  });
});

describe('changing a profile', () => {
  it('keeps missing fields, and clears fields by null and by an empty string', async () => {
    const userId = await createUser({
      firstName: 'Ada',
      bio: 'Counts',
      location: 'London',
      website: 'https://ada.example',
      phoneNumber: '+44 20 7946 0000',
    });
    const { body } = await profiles.ask(userId, 'PATCH', '/profiles/me', { bio: null, website: '', birthDate: '1815-12-10' });
    expect(body).toMatchObject({
      firstName: 'Ada',
      bio: null,
      location: 'London',
      website: null,
      phoneNumber: '+44 20 7946 0000',
      birthDate: '1815-12-10',
    });
    expect((await profiles.ask(userId, 'GET', '/profiles/me')).body).toEqual(body);
  });

  it('stores text unchanged, up to the limit in code points', async () => {
    const bio = `  a\r\nb ${'😀'.repeat(993)}`;
    const userId = await createUser({ bio });
    expect((await profiles.ask(userId, 'GET', '/profiles/me')).body.bio).toBe(bio);
  });

  it('stores names in their canonical form', async () => {
    const userId = await createUser({ firstName: '\u00a0Zoe\u0308 ', lastName: 'de  la\tCruz', location: ' Paris\n' });
    const { body } = await profiles.ask(userId, 'GET', '/profiles/me');
    expect(body).toMatchObject({ firstName: 'Zo\u00eb', lastName: 'de la Cruz', location: 'Paris' });
  });

  it.each([
    ['isPublic cleared', { isPublic: null }],
    ['isPublic as an empty string', { isPublic: '' }],
    ['isPublic as text', { isPublic: 'true' }],
    ['a number where text belongs', { firstName: 42 }],
    ['a list where text belongs', { firstName: ['Ada'] }],
    ['101 characters of first name', { firstName: 'x'.repeat(101) }],
    ['101 characters of last name', { lastName: 'x'.repeat(101) }],
    ['101 characters of location', { location: 'x'.repeat(101) }],
    ['1,001 characters of bio', { bio: 'x'.repeat(1001) }],
    ['a first name of invisible characters', { firstName: '\u200b\u3164' }],
    ['a last name of spaces', { lastName: '  ' }],
    ['a location with a right-to-left override', { location: 'a\u202eb' }],
    ['NUL', { bio: 'a\u0000b' }],
    ['a lone surrogate', { bio: 'a\ud800' }],
    ['a website that is a script', { website: 'javascript:alert(1)' }],
    ['a website of 201 characters', { website: `https://a.example/${'x'.repeat(183)}` }],
    ['a phone number of 33 characters', { phoneNumber: '1'.repeat(33) }],
    ['a phone number of words', { phoneNumber: 'call me' }],
    ['a day that does not exist', { birthDate: '1990-02-30' }],
    ['a birth date with a time', { birthDate: '1990-02-28T00:00:00Z' }],
    ['an unknown field', { username: 'root' }],
    ['one bad field among good ones', { bio: 'good', website: 'bad' }],
  ])('rejects %s and stores nothing', async (_, changes) => {
    const userId = await createUser({ bio: 'before' });
    expect(await profiles.ask(userId, 'PATCH', '/profiles/me', changes)).toMatchObject({ status: 400, body: { code: 'BAD_USER_INPUT' } });
    expect((await profiles.ask(userId, 'GET', '/profiles/me')).body).toMatchObject({ bio: 'before', isPublic: true });
  });

  it('publishes each change in order, with the public fields after the change', async () => {
    const userId = await createUser({ bio: 'first', phoneNumber: '112', birthDate: '1990-01-01' });
    await profiles.ask(userId, 'PATCH', '/profiles/me', { isPublic: false });
    const { body } = await profiles.ask(userId, 'PATCH', '/profiles/me', { bio: null });
    const events = await profiles.publishedFor(userId, 4);
    expect(events.map(({ payload }) => [payload.bio, payload.isPublic])).toEqual([
      [null, true],
      ['first', true],
      ['first', false],
      [null, false],
    ]);
    expect(events.at(-1)!.payload.updatedAt).toBe(body.updatedAt);
    expect(JSON.stringify(events.map(({ payload }) => payload))).not.toMatch(/112|1990-01-01/);
  });

  it('publishes nothing for a request that changes nothing', async () => {
    const userId = await createUser({ bio: 'same' });
    const before = (await profiles.ask(userId, 'GET', '/profiles/me')).body;
    expect((await profiles.ask(userId, 'PATCH', '/profiles/me', { bio: 'same', location: '' })).body).toEqual(before);
    await profiles.ask(userId, 'PATCH', '/profiles/me', { bio: 'other' });
    expect((await profiles.publishedFor(userId, 3)).map(({ payload }) => payload.bio)).toEqual([null, 'same', 'other']);
  });

  it('keeps each of 20 concurrent changes, and publishes them in the order of the commits', async () => {
    const userId = await createUser();
    const fields = ['firstName', 'lastName', 'bio', 'location'];
    await Promise.all(
      Array.from({ length: 20 }, (_, i) => profiles.ask(userId, 'PATCH', '/profiles/me', { [fields[i % 4]!]: `value ${i}` })),
    );
    const { body } = await profiles.ask(userId, 'GET', '/profiles/me');
    const events = await profiles.publishedFor(userId, 21);
    const { firstName, lastName, bio, location } = body;
    expect(events.at(-1)!.payload).toMatchObject({ firstName, lastName, bio, location });
    for (let i = 1; i < events.length; i++) {
      const changed = fields.filter((field) => events[i]!.payload[field as 'bio'] !== events[i - 1]!.payload[field as 'bio']);
      expect(changed).toHaveLength(1);
    }
  });

  it('is rolled back if the event cannot be written to the outbox', async () => {
    const userId = await createUser({ bio: 'before' });
    await profiles.publishedFor(userId, 2);
    await profiles.dataSource.query('alter table outbox add constraint never check (key <> $$' + userId + '$$) not valid');
    try {
      expect((await profiles.ask(userId, 'PATCH', '/profiles/me', { bio: 'after' })).status).toBe(500);
    } finally {
      await profiles.dataSource.query('alter table outbox drop constraint never');
    }
    expect((await profiles.ask(userId, 'GET', '/profiles/me')).body.bio).toBe('before');
  });
});

describe('the visible fields of a profile', () => {
  const everything = { firstName: 'Ada', bio: 'Counts', website: 'https://ada.example', phoneNumber: '112', birthDate: '1815-12-10' };

  it('include phone number and birth date for the owner only', async () => {
    const ada = await createUser(everything);
    const stranger = await createUser();
    const { body } = await profiles.ask(stranger, 'GET', `/profiles/${ada}`);
    expect(body).toMatchObject({ firstName: 'Ada', bio: 'Counts', phoneNumber: null, birthDate: null });
    expect((await profiles.ask(ada, 'GET', `/profiles/${ada}`)).body).toMatchObject(everything);
  });

  it('of a private profile are visible to members of a conversation with the owner, and not to other users', async () => {
    const [ada, ben, clara, stranger] = [
      await createUser({ ...everything, isPublic: false }),
      await createUser(),
      await createUser(),
      await createUser(),
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

  it('do not change when a conversation is redelivered', async () => {
    const [ada, ben] = [await createUser({ isPublic: false, bio: 'mine' }), await createUser()];
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
    const [ada, ben] = [await createUser(), await createUser()];
    const unknown = randomUUID();
    const { body } = await profiles.ask(ada, 'POST', '/profiles/bulk', { userIds: [ben, unknown, ada, ben.toUpperCase()] });
    expect(body.map((profile: { userId: string } | null) => profile?.userId ?? null)).toEqual([ben, null, ada, ben]);
    expect((await profiles.ask(ada, 'POST', '/profiles/bulk', { userIds: [] })).body).toEqual([]);
  });

  it('include at most five users that have just registered', async () => {
    const ada = await createUser();
    const newcomers = Array.from({ length: 7 }, () => profiles.addAccount().userId);
    const { body } = await profiles.ask(ada, 'POST', '/profiles/bulk', { userIds: newcomers });
    expect(body.filter((profile: unknown) => profile !== null)).toHaveLength(5);
  });

  it.each([
    ['101 ids', { userIds: Array.from({ length: 101 }, () => randomUUID()) }],
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
