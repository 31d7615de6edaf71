import type { AuthenticatedUser } from '@chat/shared/auth';
import { Args, Int, Mutation, Query, Resolver, Subscription } from '@nestjs/graphql';
import { CurrentUser } from '../graphql/current-user.decorator.js';
import { NotificationClient } from '../clients/notification.client.js';
import { NotificationSubscriptions } from './notification-subscriptions.js';
import { MarkNotificationArgs, Notification, NotificationArgs, NotificationsArgs, PaginatedNotifications } from './notification.types.js';

@Resolver(() => Notification)
export class NotificationsResolver {
  constructor(
    private readonly notifications: NotificationClient,
    private readonly feed: NotificationSubscriptions,
  ) {}

  @Query(() => PaginatedNotifications)
  getNotifications(@Args() args: NotificationsArgs, @CurrentUser() user: AuthenticatedUser): Promise<PaginatedNotifications> {
    return this.notifications.getPage(args, user.token);
  }

  @Query(() => Int)
  getUnreadNotificationCount(@CurrentUser() user: AuthenticatedUser): Promise<number> {
    return this.notifications.getUnreadCount(user.token);
  }

  @Mutation(() => Notification)
  markNotificationAsRead(@Args() { notificationId }: MarkNotificationArgs, @CurrentUser() user: AuthenticatedUser): Promise<Notification> {
    return this.notifications.markAsRead(notificationId, user.token);
  }

  @Mutation(() => Boolean)
  async markAllNotificationsAsRead(@CurrentUser() user: AuthenticatedUser): Promise<boolean> {
    await this.notifications.markAllAsRead(user.token);
    return true;
  }

  @Mutation(() => Boolean)
  async deleteNotification(@Args() { notificationId }: NotificationArgs, @CurrentUser() user: AuthenticatedUser): Promise<boolean> {
    await this.notifications.delete(notificationId, user.token);
    return true;
  }

  @Subscription(() => Notification)
  notificationReceived(@CurrentUser() user: AuthenticatedUser) {
    return this.feed.watch(user.userId);
  }
}
