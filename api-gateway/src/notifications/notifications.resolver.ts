import type { AuthenticatedUser } from '@chat/shared/auth';
import { Args, Int, Mutation, Query, Resolver, Subscription } from '@nestjs/graphql';
import { NotificationClient } from '../clients/notification.client.js';
import type { ByteBudget } from '../graphql/bounded-queue.js';
import { CurrentUser, LiveBudget } from '../graphql/parameters.js';
import { NotificationSubscriptions } from './notification-subscriptions.js';
import { MarkNotificationArgs, NotificationArgs, NotificationsArgs } from './notifications.args.js';
import { Notification, PaginatedNotifications } from './notifications.types.js';

@Resolver(() => Notification)
export class NotificationsResolver {
  constructor(
    private readonly notifications: NotificationClient,
    private readonly subscriptions: NotificationSubscriptions,
  ) {}

  @Query(() => PaginatedNotifications, { description: 'The notifications of the current user, newest first.' })
  getNotifications(@Args() args: NotificationsArgs, @CurrentUser() user: AuthenticatedUser): Promise<PaginatedNotifications> {
    return this.notifications.getPage(args, user.token);
  }

  @Query(() => Int, { description: 'The number of unread notifications of the current user.' })
  getUnreadNotificationCount(@CurrentUser() user: AuthenticatedUser): Promise<number> {
    return this.notifications.getUnreadCount(user.token);
  }

  @Mutation(() => Notification, { description: 'Marks a notification as read.' })
  markNotificationAsRead(@Args() { notificationId }: MarkNotificationArgs, @CurrentUser() user: AuthenticatedUser): Promise<Notification> {
    return this.notifications.markAsRead(notificationId, user.token);
  }

  @Mutation(() => Boolean, { description: 'Marks every notification of the current user as read.' })
  async markAllNotificationsAsRead(@CurrentUser() user: AuthenticatedUser): Promise<boolean> {
    await this.notifications.markAllAsRead(user.token);
    return true;
  }

  @Mutation(() => Boolean, { description: 'Deletes a notification.' })
  async deleteNotification(@Args() { notificationId }: NotificationArgs, @CurrentUser() user: AuthenticatedUser): Promise<boolean> {
    await this.notifications.delete(notificationId, user.token);
    return true;
  }

  @Subscription(() => Notification, {
    description: 'Each new notification of the current user, and each change of its count. Live only: nothing is replayed.',
  })
  notificationReceived(@CurrentUser() user: AuthenticatedUser, @LiveBudget() budget: ByteBudget) {
    return this.subscriptions.open(user.userId, budget);
  }
}
