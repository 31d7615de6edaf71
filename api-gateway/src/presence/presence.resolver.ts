import type { AuthenticatedUser } from '@chat/shared/auth';
import { Args, Mutation, Query, Resolver, Subscription } from '@nestjs/graphql';
import { SignedIn } from '../graphql/signed-in.decorator.js';
import { PresenceClient } from '../services/presence.client.js';
import { PresenceFeed } from './presence-feed.js';
import { Presence, PresenceArgs, PresencesArgs, UpdatePresenceInput } from './presence.types.js';

@Resolver(() => Presence)
export class PresenceResolver {
  constructor(
    private readonly presence: PresenceClient,
    private readonly feed: PresenceFeed,
  ) {}

  @Query(() => Presence)
  getPresence(@Args() { userId }: PresenceArgs, @SignedIn() caller: AuthenticatedUser): Promise<Presence> {
    return this.presence.get(userId, caller.token);
  }

  @Query(() => [Presence], { description: 'In the order asked; at most 500.' })
  getMultiplePresence(@Args() { userIds }: PresencesArgs, @SignedIn() caller: AuthenticatedUser): Promise<Presence[]> {
    return this.presence.getMany(userIds, caller.token);
  }

  @Mutation(() => Presence)
  updatePresence(@Args('input') { status }: UpdatePresenceInput, @SignedIn() caller: AuthenticatedUser): Promise<Presence> {
    return this.presence.update(status, caller.token);
  }

  @Mutation(() => Presence, {
    description:
      'For clients without a socket: present for 60 s. So does updatePresence when no socket is open; with one it only sets the status.',
  })
  heartbeat(@SignedIn() caller: AuthenticatedUser): Promise<Presence> {
    return this.presence.heartbeat(caller.token);
  }

  @Subscription(() => Presence, { description: 'The present state of each, then each change; at most 500.' })
  presenceChanged(@Args() { userIds }: PresencesArgs, @SignedIn() caller: AuthenticatedUser) {
    return this.feed.watch(userIds, caller);
  }
}
