import type { AuthenticatedUser } from '@chat/shared/auth';
import { Args, Mutation, Query, Resolver, Subscription } from '@nestjs/graphql';
import { PresenceClient } from '../clients/presence.client.js';
import type { ByteBudget } from '../graphql/bounded-queue.js';
import { CurrentUser, LiveBudget } from '../graphql/parameters.js';
import { PresenceSubscriptions } from './presence-subscriptions.js';
import { PresenceArgs, PresencesArgs, UpdatePresenceInput } from './presence.args.js';
import { Presence } from './presence.types.js';

@Resolver(() => Presence)
export class PresenceResolver {
  constructor(
    private readonly presence: PresenceClient,
    private readonly subscriptions: PresenceSubscriptions,
  ) {}

  @Query(() => Presence, { description: 'The presence of one user.' })
  getPresence(@Args() { userId }: PresenceArgs, @CurrentUser() user: AuthenticatedUser): Promise<Presence> {
    return this.presence.get(userId, user.token);
  }

  @Query(() => [Presence], { description: 'Presence is in the order of `userIds`; at most 500 ids.' })
  getMultiplePresence(@Args() { userIds }: PresencesArgs, @CurrentUser() user: AuthenticatedUser): Promise<Presence[]> {
    return this.presence.getMany(userIds, user.token);
  }

  @Mutation(() => Presence, { description: 'Sets the chosen status of the current user.' })
  updatePresence(@Args('input') { status }: UpdatePresenceInput, @CurrentUser() user: AuthenticatedUser): Promise<Presence> {
    return this.presence.update(status, user.token);
  }

  @Mutation(() => Presence, {
    description:
      'For clients without a socket: the user is present for 60 s. updatePresence has the same effect if no socket is open; otherwise it only sets the status.',
  })
  heartbeat(@CurrentUser() user: AuthenticatedUser): Promise<Presence> {
    return this.presence.heartbeat(user.token);
  }

  @Subscription(() => Presence, { description: 'The current presence of each user, then each change; at most 500 ids.' })
  presenceChanged(@Args() { userIds }: PresencesArgs, @CurrentUser() user: AuthenticatedUser, @LiveBudget() budget: ByteBudget) {
    return this.subscriptions.open(userIds, user, budget);
  }
}
