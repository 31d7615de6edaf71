import type { EventPayloads } from '@chat/shared/events';
import type { ProfileEntity } from './profile.entity.js';

/** What ProfileUpdated tells of. */
export type ProfileChange = 'CREATED' | 'UPDATED' | 'PICTURE_CHANGED' | 'COVER_CHANGED';

/**
 * ProfileUpdated: a profile was created or changed, or its images. Written while the row is locked, so the events of a user are in order.
 * Phone number and birth date are private: no event contains them.
 */
export function profileUpdated(profile: ProfileEntity, change: ProfileChange) {
  const payload: EventPayloads['ProfileUpdated'] = {
    userId: profile.userId,
    username: profile.username,
    firstName: profile.firstName,
    lastName: profile.lastName,
    bio: profile.bio,
    location: profile.location,
    website: profile.website,
    isPublic: profile.isPublic,
    pictureId: profile.pictureId,
    coverImageId: profile.coverImageId,
    change,
    updatedAt: profile.updatedAt.toISOString(),
  };
  return { type: 'ProfileUpdated' as const, key: profile.userId, payload };
}

/** ProfileDeleted: consumers delete the names of this user, and Kafka removes the older events by compaction. */
export function profileDeleted(userId: string, deletedAt: string) {
  const payload: EventPayloads['ProfileDeleted'] = { userId, deletedAt };
  return { type: 'ProfileDeleted' as const, key: userId, payload };
}
