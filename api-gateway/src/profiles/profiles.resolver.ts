import type { AuthenticatedUser } from '@chat/shared/auth';
import { Args, Mutation, Query, Resolver } from '@nestjs/graphql';
import { ProfileClient } from '../clients/profile.client.js';
import { CurrentUser } from '../graphql/parameters.js';
import { ProfileArgs, ProfileImageArgs, ProfilesArgs, UpdateProfileArgs } from './profiles.args.js';
import { ProfileType } from './profiles.types.js';

@Resolver(() => ProfileType)
export class ProfilesResolver {
  constructor(private readonly profiles: ProfileClient) {}

  @Query(() => ProfileType, { description: 'The profile of the current user.' })
  getMyProfile(@CurrentUser() user: AuthenticatedUser): Promise<ProfileType> {
    return this.profiles.getMine(user.token);
  }

  @Query(() => ProfileType, {
    description:
      'A user that shares no conversation with the owner of a private profile sees only id, userId, username, isPublic, createdAt and updatedAt. A profile is public until its owner makes it private. Without `userId`, the profile of the current user.',
  })
  getProfile(@Args() { userId }: ProfileArgs, @CurrentUser() user: AuthenticatedUser): Promise<ProfileType> {
    return this.profiles.get(userId ?? user.userId, user.token);
  }

  @Query(() => [ProfileType], {
    nullable: 'items',
    description: 'Profiles are in the order of `userIds`; null for unknown ids; at most 100 ids.',
  })
  getProfiles(@Args() { userIds }: ProfilesArgs, @CurrentUser() user: AuthenticatedUser): Promise<(ProfileType | null)[]> {
    return this.profiles.getMany(userIds, user.token);
  }

  @Mutation(() => ProfileType, {
    description: 'An omitted argument changes nothing. null or an empty string removes the value (isPublic cannot be removed).',
  })
  updateProfile(@Args() changes: UpdateProfileArgs, @CurrentUser() user: AuthenticatedUser): Promise<ProfileType> {
    return this.profiles.update(changes, user.token);
  }

  @Mutation(() => ProfileType, { description: 'Makes a completed upload the picture. The picture before is deleted.' })
  setProfilePicture(@Args() { mediaId }: ProfileImageArgs, @CurrentUser() user: AuthenticatedUser): Promise<ProfileType> {
    return this.profiles.setImage('picture', mediaId, user.token);
  }

  @Mutation(() => ProfileType, { description: 'Makes a completed upload the cover image. The cover image before is deleted.' })
  setCoverImage(@Args() { mediaId }: ProfileImageArgs, @CurrentUser() user: AuthenticatedUser): Promise<ProfileType> {
    return this.profiles.setImage('cover', mediaId, user.token);
  }

  @Mutation(() => ProfileType)
  deleteProfilePicture(@CurrentUser() user: AuthenticatedUser): Promise<ProfileType> {
    return this.profiles.removeImage('picture', user.token);
  }

  @Mutation(() => ProfileType)
  deleteCoverImage(@CurrentUser() user: AuthenticatedUser): Promise<ProfileType> {
    return this.profiles.removeImage('cover', user.token);
  }
}
