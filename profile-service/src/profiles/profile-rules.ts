import type { AccountSummary, MediaAsset, Profile, UpdateProfileRequest } from '@chat/shared/contracts';
import { newId } from '@chat/shared/database';
import type { ProfileEntity } from './profile.entity.js';

/** The relation of the current user to a profile: its owner, a user that shares a conversation with the owner, or another user. */
export type Audience = 'owner' | 'contact' | 'stranger';

/** The fields that the owner may clear. */
const CLEARABLE = ['firstName', 'lastName', 'bio', 'location', 'website', 'phoneNumber', 'birthDate'] as const;

export type ProfileChanges = Partial<Pick<ProfileEntity, (typeof CLEARABLE)[number] | 'isPublic'>>;

/** The profile with the fields that this audience may see; the others are null. `images`: those of the profile, by id. */
export function profileVisibleTo(audience: Audience, profile: ProfileEntity, images: ReadonlyMap<string, MediaAsset> = new Map()): Profile {
  const isOwner = audience === 'owner';
  const seesAll = isOwner || audience === 'contact' || profile.isPublic;
  const image = (id: string | null) => (seesAll && id !== null ? (images.get(id) ?? null) : null);
  return {
    id: profile.id,
    userId: profile.userId,
    username: profile.username,
    firstName: seesAll ? profile.firstName : null,
    lastName: seesAll ? profile.lastName : null,
    bio: seesAll ? profile.bio : null,
    location: seesAll ? profile.location : null,
    website: seesAll ? profile.website : null,
    profilePicture: image(profile.pictureId),
    coverImage: image(profile.coverImageId),
    phoneNumber: isOwner ? profile.phoneNumber : null,
    birthDate: isOwner ? profile.birthDate : null,
    isPublic: profile.isPublic,
    createdAt: profile.createdAt.toISOString(),
    updatedAt: profile.updatedAt.toISOString(),
  };
}

/** A new public profile with the names of the account. */
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
    pictureId: null,
    coverImageId: null,
    isPublic: true,
    createdAt: now,
    updatedAt: now,
  };
}

/** The time of a change. Each is later than the one before, whatever the clocks of the processes say: clients keep the newest of two states. */
export function changeTime({ updatedAt }: Pick<ProfileEntity, 'updatedAt'>, now = new Date()): Date {
  return new Date(Math.max(now.getTime(), updatedAt.getTime() + 1));
}

/** The changes of a request: a missing field is not changed, null or an empty string clears it, an equal value is no change. */
export function changesTo(profile: ProfileEntity, request: UpdateProfileRequest): ProfileChanges {
  const changes: ProfileChanges = {};
  for (const field of CLEARABLE) {
    const requested = request[field];
    if (requested === undefined) continue;
    const value = requested === '' ? null : requested;
    if (value !== profile[field]) changes[field] = value;
  }
  if (request.isPublic !== undefined && request.isPublic !== profile.isPublic) changes.isPublic = request.isPublic;
  return changes;
}
