import { describe, expect, it } from 'vitest';
import { changesTo, newProfile, profileVisibleTo } from './profile-rules.js';

const account = { userId: '018f0000-0000-7000-8000-000000000001', username: 'ada', firstName: 'Ada', lastName: null };
const now = new Date('2026-01-01T00:00:00Z');
const profile = (changes = {}) => ({
  ...newProfile(account, now),
  bio: 'Counts things',
  phoneNumber: '112',
  birthDate: '1815-12-10',
  ...changes,
});

describe('the visible fields of a profile', () => {
  it('are all fields for the owner', () =>
    expect(profileVisibleTo('owner', profile({ isPublic: false }))).toMatchObject({
      bio: 'Counts things',
      phoneNumber: '112',
      birthDate: '1815-12-10',
    }));

  it('never include phone number and birth date for other users', () => {
    for (const audience of ['contact', 'stranger'] as const)
      expect(profileVisibleTo(audience, profile())).toMatchObject({ bio: 'Counts things', phoneNumber: null, birthDate: null });
  });

  it('include the fields of a private profile for contacts', () =>
    expect(profileVisibleTo('contact', profile({ isPublic: false }))).toMatchObject({ firstName: 'Ada', bio: 'Counts things' }));

  it('are ids, user name, isPublic and the times of a private profile for other users', () => {
    const hidden = profileVisibleTo('stranger', profile({ isPublic: false }));
    const seen = Object.entries(hidden).filter(([, value]) => value !== null);
    expect(seen.map(([field]) => field)).toEqual(['id', 'userId', 'username', 'isPublic', 'createdAt', 'updatedAt']);
  });
});

describe('the changes of a request', () => {
  it('do not include missing fields', () => expect(changesTo(profile(), {})).toEqual({}));
  it('clear a field by null and by an empty string', () =>
    expect(changesTo(profile(), { bio: null, firstName: '' })).toEqual({ bio: null, firstName: null }));
  it('do not include equal values, and null for an empty field', () =>
    expect(changesTo(profile(), { bio: 'Counts things', location: '', isPublic: true })).toEqual({}));
  it('keep text unchanged', () => expect(changesTo(profile(), { bio: ' a\r\nb ' })).toEqual({ bio: ' a\r\nb ' }));
});
