import type { AuthenticatedUser } from '@chat/shared/auth';
import { Args, Mutation, Query, Resolver } from '@nestjs/graphql';
import { SignedIn } from '../graphql/signed-in.decorator.js';
import { ProfileClient } from '../services/profile.client.js';
import { ProfileArgs, ProfilesArgs, ProfileType, UpdateProfileArgs } from './profile.types.js';

@Resolver(() => ProfileType)
export class ProfilesResolver {
  constructor(private readonly profiles: ProfileClient) {}

  @Query(() => ProfileType)
  getMyProfile(@SignedIn() caller: AuthenticatedUser): Promise<ProfileType> {
    return this.profiles.getMine(caller.token);
  }

  @Query(() => ProfileType, {
    description:
      'To people who share no conversation with its owner, a private profile shows id, userId, username, isPublic and the dates only. Profiles are public until their owner says otherwise.',
  })
  getProfile(@Args() { userId }: ProfileArgs, @SignedIn() caller: AuthenticatedUser): Promise<ProfileType> {
    return this.profiles.get(userId ?? caller.userId, caller.token);
  }

  @Query(() => [ProfileType], { nullable: 'items', description: 'In the order asked; null for unknown ids; at most 100.' })
  getProfiles(@Args() { userIds }: ProfilesArgs, @SignedIn() caller: AuthenticatedUser): Promise<(ProfileType | null)[]> {
    return this.profiles.getMany(userIds, caller.token);
  }

  @Mutation(() => ProfileType, {
    description: 'An argument left out is not changed; null or an empty string clears it (isPublic cannot be cleared).',
  })
  updateProfile(@Args() changes: UpdateProfileArgs, @SignedIn() caller: AuthenticatedUser): Promise<ProfileType> {
    return this.profiles.update(changes, caller.token);
  }
}
