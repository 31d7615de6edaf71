import type { AuthenticatedUser } from '@chat/shared/auth';
import { Args, Mutation, Query, Resolver, Subscription } from '@nestjs/graphql';
import { CurrentUser } from '../graphql/current-user.decorator.js';
import { PresenceClient } from '../clients/presence.client.js';
import { PresenceSubscriptions } from './presence-subscriptions.js';
import { Presence, PresenceArgs, PresencesArgs, UpdatePresenceInput } from './presence.types.js';

@Resolver(() => Presence)
export class PresenceResolver {
  constructor(
    private readonly presence: PresenceClient,
    private readonly feed: PresenceSubscriptions,
  ) {}

  @Query(() => Presence)
  getPresence(@Args() { userId }: PresenceArgs, @CurrentUser() user: AuthenticatedUser): Promise<Presence> {
    return this.presence.get(userId, user.token);
  }

  @Query(() => [Presence], { description: 'In the order asked; at most 500.' })
  getMultiplePresence(@Args() { userIds }: PresencesArgs, @CurrentUser() user: AuthenticatedUser): Promise<Presence[]> {
    return this.presence.getMany(userIds, user.token);
  }

  @Mutation(() => Presence)
  updatePresence(@Args('input') { status }: UpdatePresenceInput, @CurrentUser() user: AuthenticatedUser): Promise<Presence> {
    return this.presence.update(status, user.token);
  }

  @Mutation(() => Presence, {
    description:
      'For clients without a socket: present for 60 s. So does updatePresence when no socket is open; with one it only sets the status.',
  })
  heartbeat(@CurrentUser() user: AuthenticatedUser): Promise<Presence> {
    return this.presence.heartbeat(user.token);
  }

  @Subscription(() => Presence, { description: 'The present state of each, then each change; at most 500.' })
  presenceChanged(@Args() { userIds }: PresencesArgs, @CurrentUser() user: AuthenticatedUser) {
    return this.feed.watch(userIds, user);
  }
}
