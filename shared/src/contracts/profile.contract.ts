import type { MediaAsset } from './files.contract.js';

/** A profile as the current user may see it: hidden fields are null. */
export interface Profile {
  id: string;
  userId: string;
  username: string;
  firstName: string | null;
  lastName: string | null;
  bio: string | null;
  location: string | null;
  website: string | null;
  /** Null: there is none, or the current user may not see it. */
  profilePicture: MediaAsset | null;
  coverImage: MediaAsset | null;
  /** Only for the owner. */
  phoneNumber: string | null;
  /** Only for the owner. ISO 8601 date. */
  birthDate: string | null;
  isPublic: boolean;
  createdAt: string;
  updatedAt: string;
}

/** A changed profile on the Redis channel of its user. */
export interface LiveProfile {
  /** As a user sees it that has nothing to do with the owner: without private fields. Its owner sees more. */
  profile: Profile;
  /** False: contacts of the owner see more. */
  isPublic: boolean;
}

/** `PATCH /profiles/me`: a field left out is not changed; null or an empty string clears it. `isPublic` cannot be cleared. */
export interface UpdateProfileRequest {
  firstName?: string | null;
  lastName?: string | null;
  bio?: string | null;
  location?: string | null;
  website?: string | null;
  phoneNumber?: string | null;
  birthDate?: string | null;
  isPublic?: boolean;
}

/** `POST /profiles/search`; the answer is a list of Profile, without users that the current user may not find. */
export interface SearchProfilesRequest {
  /** 1 to 100 characters: the beginning of a user name, a name, or a later word of one. */
  query: string;
  /** At most 50; by default 20. */
  limit?: number;
}

/** `PUT /profiles/me/picture` and `/cover` */
export interface SetProfileImageRequest {
  /** A completed upload for this purpose. */
  mediaId: string;
}
