import type { AccountSummary, Profile, UpdateProfileRequest } from '@chat/shared/contracts';
import { newId } from '@chat/shared/database';
import type { ProfileEntity } from './profile.entity.js';

/** Who looks at a profile: its owner, someone who shares a conversation with the owner, or anyone else. */
export type Viewer = 'owner' | 'contact' | 'stranger';

/** The fields that their owner may clear. */
const CLEARABLE = ['firstName', 'lastName', 'bio', 'location', 'website', 'phoneNumber', 'birthDate'] as const;

export type ProfileChanges = Partial<Pick<ProfileEntity, (typeof CLEARABLE)[number] | 'isPublic'>>;

/** A profile as this viewer may see it; what is hidden is null. */
export function profileAsSeenBy(viewer: Viewer, profile: ProfileEntity): Profile {
  const isOwner = viewer === 'owner';
  const seesAll = isOwner || viewer === 'contact' || profile.isPublic;
  return {
    id: profile.id,
    userId: profile.userId,
    username: profile.username,
    firstName: seesAll ? profile.firstName : null,
    lastName: seesAll ? profile.lastName : null,
    bio: seesAll ? profile.bio : null,
    location: seesAll ? profile.location : null,
    website: seesAll ? profile.website : null,
    phoneNumber: isOwner ? profile.phoneNumber : null,
    birthDate: isOwner ? profile.birthDate : null,
    isPublic: profile.isPublic,
    createdAt: profile.createdAt.toISOString(),
    updatedAt: profile.updatedAt.toISOString(),
  };
}

/** A new profile: public, with the names of the account. */
export function newProfile(account: Pick<AccountSummary, 'userId' | 'username' | 'firstName' | 'lastName'>, now: Date): ProfileEntity {
  return {
    id: newId(),
    userId: account.userId,
    username: account.username,
    firstName: account.firstName,
    lastName: account.lastName,
    bio: null,
    location: null,
    website: null,
    phoneNumber: null,
    birthDate: null,
    isPublic: true,
    createdAt: now,
    updatedAt: now,
  };
}

/** What a request really changes: a field left out stays, null or an empty string clears, an equal value is no change. */
export function changesTo(profile: ProfileEntity, request: UpdateProfileRequest): ProfileChanges {
  const changes: ProfileChanges = {};
  for (const field of CLEARABLE) {
    const asked = request[field];
    if (asked === undefined) continue;
    const value = asked === '' ? null : asked;
    if (value !== profile[field]) changes[field] = value;
  }
  if (request.isPublic !== undefined && request.isPublic !== profile.isPublic) changes.isPublic = request.isPublic;
  return changes;
}
