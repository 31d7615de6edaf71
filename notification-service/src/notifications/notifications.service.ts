import { type Notification, type NotificationPage, paginated } from '@chat/shared/contracts';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { notificationNotFound } from './notifications.errors.js';
import * as queries from './notifications.queries.js';

/** The notifications of one user, for that user alone. */
@Injectable()
export class NotificationsService {
  constructor(private readonly dataSource: DataSource) {}

  /** Newest first: by the time of the newest message in a notification. */
  async list(userId: string, request: { page: number; limit: number; unreadOnly: boolean }): Promise<NotificationPage> {
    const { page, limit, unreadOnly } = request;
    const [notifications, { all, unread }] = await Promise.all([
      queries.selectPage(this.dataSource, userId, request),
      queries.countNotifications(this.dataSource, userId),
    ]);
    return { ...paginated(notifications, unreadOnly ? unread : all, page, limit), unreadCount: unread };
  }

  async countUnread(userId: string): Promise<number> {
    return await queries.countUnread(this.dataSource, userId);
  }

  async markRead(userId: string, id: string): Promise<Notification> {
    return await this.dataSource.transaction(async (manager) => {
      await queries.lockReadState(manager, userId, id);
      const notification = await queries.updateAsRead(manager, userId, id);
      if (!notification) throw notificationNotFound();
      return notification;
    });
  }

  async markAllRead(userId: string): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await queries.lockUnreadStates(manager, userId);
      await queries.updateAllAsRead(manager, userId);
    });
  }

  async delete(userId: string, id: string): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await queries.lockReadState(manager, userId, id);
      if (!(await queries.deleteNotification(manager, userId, id))) throw notificationNotFound();
    });
  }
}
