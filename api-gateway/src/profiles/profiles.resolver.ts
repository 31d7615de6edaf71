import type { AuthenticatedUser } from '@chat/shared/auth';
import { Args, Mutation, Query, Resolver } from '@nestjs/graphql';
import { CurrentUser } from '../graphql/current-user.decorator.js';
import { ProfileClient } from '../clients/profile.client.js';
import { ProfileArgs, ProfilesArgs, ProfileType, UpdateProfileArgs } from './profile.types.js';

@Resolver(() => ProfileType)
export class ProfilesResolver {
  constructor(private readonly profiles: ProfileClient) {}

  @Query(() => ProfileType)
  getMyProfile(@CurrentUser() user: AuthenticatedUser): Promise<ProfileType> {
    return this.profiles.getMine(user.token);
  }

  @Query(() => ProfileType, {
    description:
      'To people who share no conversation with its owner, a private profile shows id, userId, username, isPublic and the dates only. Profiles are public until their owner says otherwise.',
  })
  getProfile(@Args() { userId }: ProfileArgs, @CurrentUser() user: AuthenticatedUser): Promise<ProfileType> {
    return this.profiles.get(userId ?? user.userId, user.token);
  }

  @Query(() => [ProfileType], { nullable: 'items', description: 'In the order asked; null for unknown ids; at most 100.' })
  getProfiles(@Args() { userIds }: ProfilesArgs, @CurrentUser() user: AuthenticatedUser): Promise<(ProfileType | null)[]> {
    return this.profiles.getMany(userIds, user.token);
  }

  @Mutation(() => ProfileType, {
    description: 'An argument left out is not changed; null or an empty string clears it (isPublic cannot be cleared).',
  })
  updateProfile(@Args() changes: UpdateProfileArgs, @CurrentUser() user: AuthenticatedUser): Promise<ProfileType> {
    return this.profiles.update(changes, user.token);
  }
}
