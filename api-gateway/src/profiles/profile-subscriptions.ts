import type { AuthenticatedUser } from '@chat/shared/auth';
import { AppError } from '@chat/shared/errors';
import { LOGGER, type Log } from '@chat/shared/observability';
import { channels, LiveChannels } from '@chat/shared/realtime';
import { Inject, Injectable } from '@nestjs/common';
import { ProfileClient } from '../clients/profile.client.js';
import type { ByteBudget } from '../graphql/bounded-queue.js';
import { closable } from '../graphql/live-queue.js';
import { type ProfileItem, ProfileSubscription } from './profile-subscription.js';

/** Over all subscriptions of one connection: each id is a channel of the Redis connection that all sockets share. */
const MAX_IDS_PER_CONNECTION = 2000;

/** Opens subscriptions of profiles and limits their number of ids. */
@Injectable()
export class ProfileSubscriptions {
  /** The number of ids that each connection has subscribed to. A connection has one AuthenticatedUser object. */
  private readonly subscribedIds = new WeakMap<AuthenticatedUser, number>();

  constructor(
    private readonly live: LiveChannels,
    private readonly profiles: ProfileClient,
    @Inject(LOGGER) private readonly logger: Log,
  ) {}

  async open(ids: string[], user: AuthenticatedUser, budget: ByteBudget): Promise<AsyncGenerator<ProfileItem, void>> {
    const userIds = [...new Set(ids)];
    this.addSubscribedIds(user, userIds.length);
    const subscription = new ProfileSubscription(
      userIds,
      user.userId,
      (ids) => this.profiles.getMany(ids, user.token),
      budget,
      this.logger,
    );
    const cleanups = [() => this.addSubscribedIds(user, -userIds.length), this.live.onRestored(() => subscription.scheduleLoad(userIds))];
    const close = () => {
      for (const cleanup of cleanups.splice(0)) cleanup();
      subscription.close();
    };
    try {
      // Subscribe to the channels before the state at the beginning is loaded, so that no change is lost in between.
      const subscribing = userIds.map((userId) =>
        this.live.subscribe(channels.profile(userId), (text) => subscription.receiveChange(userId, text)),
      );
      cleanups.push(...(await Promise.all(subscribing)));
      await subscription.start();
    } catch (error) {
      close();
      throw error;
    }
    return closable(subscription.queue.items(), close);
  }

  private addSubscribedIds(user: AuthenticatedUser, count: number): void {
    const total = (this.subscribedIds.get(user) ?? 0) + count;
    if (total > MAX_IDS_PER_CONNECTION)
      throw new AppError(
        'rate-limited',
        'profile/too-many-ids',
        `A connection can subscribe to the profiles of at most ${MAX_IDS_PER_CONNECTION} users.`,
        { details: { retryAfterSeconds: 1 } },
      );
    this.subscribedIds.set(user, total);
  }
}
