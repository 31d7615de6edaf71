import type { AuthenticatedUser } from '@chat/shared/auth';
import { Args, Int, Mutation, Query, Resolver, Subscription } from '@nestjs/graphql';
import { SignedIn } from '../graphql/signed-in.decorator.js';
import { NotificationClient } from '../services/notification.client.js';
import { NotificationFeed } from './notification-feed.js';
import { MarkNotificationArgs, Notification, NotificationArgs, NotificationsArgs, PaginatedNotifications } from './notification.types.js';

@Resolver(() => Notification)
export class NotificationsResolver {
  constructor(
    private readonly notifications: NotificationClient,
    private readonly feed: NotificationFeed,
  ) {}

  @Query(() => PaginatedNotifications)
  getNotifications(@Args() args: NotificationsArgs, @SignedIn() caller: AuthenticatedUser): Promise<PaginatedNotifications> {
    return this.notifications.getPage(args, caller.token);
  }

  @Query(() => Int)
  getUnreadNotificationCount(@SignedIn() caller: AuthenticatedUser): Promise<number> {
    return this.notifications.getUnreadCount(caller.token);
  }

  @Mutation(() => Notification)
  markNotificationAsRead(@Args() { notificationId }: MarkNotificationArgs, @SignedIn() caller: AuthenticatedUser): Promise<Notification> {
    return this.notifications.markAsRead(notificationId, caller.token);
  }

  @Mutation(() => Boolean)
  async markAllNotificationsAsRead(@SignedIn() caller: AuthenticatedUser): Promise<boolean> {
    await this.notifications.markAllAsRead(caller.token);
    return true;
  }

  @Mutation(() => Boolean)
  async deleteNotification(@Args() { notificationId }: NotificationArgs, @SignedIn() caller: AuthenticatedUser): Promise<boolean> {
    await this.notifications.delete(notificationId, caller.token);
    return true;
  }

  @Subscription(() => Notification)
  notificationReceived(@SignedIn() caller: AuthenticatedUser) {
    return this.feed.watch(caller.userId);
  }
}
