import type { AuthenticatedUser } from '@chat/shared/auth';
import { Args, Mutation, Query, Resolver, Subscription } from '@nestjs/graphql';
import { ProfileClient } from '../clients/profile.client.js';
import type { ByteBudget } from '../graphql/bounded-queue.js';
import { FairLimit } from '../graphql/fair-limit.js';
import { CurrentUser, LiveBudget } from '../graphql/parameters.js';
import { ProfileSubscriptions } from './profile-subscriptions.js';
import { ProfileArgs, ProfileChangesArgs, ProfileImageArgs, ProfilesArgs, SearchUsersArgs, UpdateProfileArgs } from './profiles.args.js';
import { ProfileType } from './profiles.types.js';

const SEARCH_USERS =
  'Searches user names and names; prefix matches come first, then those of later words. Upper and lower case, the accents of Latin, Greek and Cyrillic letters, and full and half width do not matter. E-mail addresses are never searched. Private profiles are found by the users that see them; users of which one has blocked the other do not find each other.';

/** Of this process. profile-service does few searches at a time, so one user has one at a time, and the others of the user wait here. */
const MAX_SEARCHES = 32;

@Resolver(() => ProfileType)
export class ProfilesResolver {
  private readonly searches = new FairLimit(MAX_SEARCHES, 1);

  constructor(
    private readonly profiles: ProfileClient,
    private readonly subscriptions: ProfileSubscriptions,
  ) {}

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

  @Query(() => [ProfileType], { description: SEARCH_USERS })
  searchUsers(@Args() args: SearchUsersArgs, @CurrentUser() user: AuthenticatedUser): Promise<ProfileType[]> {
    return this.searches.run(user.userId, () => this.profiles.search(args, user.token));
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

  @Subscription(() => ProfileType, {
    description:
      'Each change of the names, pictures and public fields of these users, as far as the current user may see them; at most 500 ids. The current user also receives changes of its own private fields.',
  })
  profileChanged(@Args() { userIds }: ProfileChangesArgs, @CurrentUser() user: AuthenticatedUser, @LiveBudget() budget: ByteBudget) {
    return this.subscriptions.open(userIds, user, budget);
  }
}
