import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestProfileService } from './kit/profile-service.js';

let profiles: TestProfileService;

beforeAll(async () => {
  profiles = await TestProfileService.start();
});
afterAll(() => profiles?.stop());
describe('changing a profile', () => {
  it('keeps missing fields, and clears fields by null and by an empty string', async () => {
    const userId = await profiles.createUser({
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
    const userId = await profiles.createUser({ bio });
    expect((await profiles.ask(userId, 'GET', '/profiles/me')).body.bio).toBe(bio);
  });

  it('stores names in their canonical form', async () => {
    const userId = await profiles.createUser({ firstName: '\u00a0Zoe\u0308 ', lastName: 'de  la\tCruz', location: ' Paris\n' });
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
    const userId = await profiles.createUser({ bio: 'before' });
    expect(await profiles.ask(userId, 'PATCH', '/profiles/me', changes)).toMatchObject({ status: 400, body: { code: 'BAD_USER_INPUT' } });
    expect((await profiles.ask(userId, 'GET', '/profiles/me')).body).toMatchObject({ bio: 'before', isPublic: true });
  });

  it('publishes each change in order, with the public fields after the change', async () => {
    const userId = await profiles.createUser({ bio: 'first', phoneNumber: '112', birthDate: '1990-01-01' });
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
    const userId = await profiles.createUser({ bio: 'same' });
    const before = (await profiles.ask(userId, 'GET', '/profiles/me')).body;
    expect((await profiles.ask(userId, 'PATCH', '/profiles/me', { bio: 'same', location: '' })).body).toEqual(before);
    await profiles.ask(userId, 'PATCH', '/profiles/me', { bio: 'other' });
    expect((await profiles.publishedFor(userId, 3)).map(({ payload }) => payload.bio)).toEqual([null, 'same', 'other']);
  });

  it('keeps each of 20 concurrent changes, and publishes them in the order of the commits', async () => {
    const userId = await profiles.createUser();
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
    const userId = await profiles.createUser({ bio: 'before' });
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
