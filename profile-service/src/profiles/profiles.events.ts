import type { EventPayloads } from '@chat/shared/events';
import type { ProfileEntity } from './profile.entity.js';

/**
 * ProfileUpdated: a profile was made or changed. Written with the row locked, so in order per user.
 * Phone number and birth date are nobody else's business and never leave this service.
 */
export function profileUpdated(profile: ProfileEntity) {
  const payload: EventPayloads['ProfileUpdated'] = {
    userId: profile.userId,
    username: profile.username,
    firstName: profile.firstName,
    lastName: profile.lastName,
    bio: profile.bio,
    location: profile.location,
    website: profile.website,
    isPublic: profile.isPublic,
    updatedAt: profile.updatedAt.toISOString(),
  };
  return { type: 'ProfileUpdated' as const, key: profile.userId, payload };
}

/** ProfileDeleted: whoever kept names of this person drops them, and Kafka compacts the older events away. */
export function profileDeleted(userId: string, deletedAt: string) {
  const payload: EventPayloads['ProfileDeleted'] = { userId, deletedAt };
  return { type: 'ProfileDeleted' as const, key: userId, payload };
}
