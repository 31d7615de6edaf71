import { describe, expect, it } from 'vitest';
import { changesTo, newProfile, profileAsSeenBy } from './profile-rules.js';

const account = { userId: '018f0000-0000-7000-8000-000000000001', username: 'ada', firstName: 'Ada', lastName: null };
const now = new Date('2026-01-01T00:00:00Z');
const profile = (changes = {}) => ({
  ...newProfile(account, now),
  bio: 'Counts things',
  phoneNumber: '112',
  birthDate: '1815-12-10',
  ...changes,
});

describe('who sees what', () => {
  it('shows everything to the owner', () =>
    expect(profileAsSeenBy('owner', profile({ isPublic: false }))).toMatchObject({
      bio: 'Counts things',
      phoneNumber: '112',
      birthDate: '1815-12-10',
    }));

  it('never shows phone number and birth date to anyone else', () => {
    for (const viewer of ['contact', 'stranger'] as const)
      expect(profileAsSeenBy(viewer, profile())).toMatchObject({ bio: 'Counts things', phoneNumber: null, birthDate: null });
  });

  it('shows a private profile to contacts', () =>
    expect(profileAsSeenBy('contact', profile({ isPublic: false }))).toMatchObject({ firstName: 'Ada', bio: 'Counts things' }));

  it('shows ids, user name, isPublic and the dates of a private profile to strangers, and no more', () => {
    const hidden = profileAsSeenBy('stranger', profile({ isPublic: false }));
    const seen = Object.entries(hidden).filter(([, value]) => value !== null);
    expect(seen.map(([field]) => field)).toEqual(['id', 'userId', 'username', 'isPublic', 'createdAt', 'updatedAt']);
  });
});

describe('what a request changes', () => {
  it('leaves alone what is left out', () => expect(changesTo(profile(), {})).toEqual({}));
  it('clears by null and by an empty string', () =>
    expect(changesTo(profile(), { bio: null, firstName: '' })).toEqual({ bio: null, firstName: null }));
  it('takes an equal value, or clearing what is empty, as no change', () =>
    expect(changesTo(profile(), { bio: 'Counts things', location: '', isPublic: true })).toEqual({}));
  it('stores text as it came', () => expect(changesTo(profile(), { bio: ' a\r\nb ' })).toEqual({ bio: ' a\r\nb ' }));
});
