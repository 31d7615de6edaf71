import { type Notification, type NotificationPage, paginated } from '@chat/shared/contracts';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { notificationNotFound } from './notifications.errors.js';
import { NOTIFICATION_COLUMNS, type NotificationRow, toNotification } from './to-notification.js';

/** The notifications of one person, for that person alone: every statement asks for `user_id`. */
@Injectable()
export class NotificationsService {
  constructor(private readonly dataSource: DataSource) {}

  /** Newest first: by the time of the newest message that a notification stands for. */
  async list(userId: string, { page, limit, unreadOnly }: { page: number; limit: number; unreadOnly: boolean }): Promise<NotificationPage> {
    const [rows, [counts]] = (await Promise.all([
      this.dataSource.query(
        `select ${NOTIFICATION_COLUMNS} from notifications n left join people p on p.user_id = n.sender_id
         where n.user_id = $1 ${unreadOnly ? 'and not n.read' : ''}
         order by n.created_at desc, n.id desc limit $2 offset $3`,
        [userId, limit, (page - 1) * limit],
      ),
      this.dataSource.query(
        'select count(*)::int as all, (count(*) filter (where not read))::int as unread from notifications where user_id = $1',
        [userId],
      ),
    ])) as [NotificationRow[], [{ all: number; unread: number }]];
    return { ...paginated(rows.map(toNotification), unreadOnly ? counts.unread : counts.all, page, limit), unreadCount: counts.unread };
  }

  async countUnread(userId: string): Promise<number> {
    const [{ count }] = (await this.dataSource.query('select count(*)::int as count from notifications where user_id = $1 and not read', [
      userId,
    ])) as [{ count: number }];
    return count;
  }

  async markRead(userId: string, id: string): Promise<Notification> {
    return await this.dataSource.transaction(async (manager) => {
      await lockReadStateOf(manager, userId, id);
      const [row] = (await manager.query(
        `with n as (update notifications set read = true where id = $1 and user_id = $2 returning *)
         select ${NOTIFICATION_COLUMNS} from n left join people p on p.user_id = n.sender_id`,
        [id, userId],
      )) as NotificationRow[];
      if (!row) throw notificationNotFound();
      return toNotification(row);
    });
  }

  async markAllRead(userId: string): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      // In the order in which the consumer locks them.
      await manager.query(
        `select 1 from read_states s
         where s.user_id = $1 and s.conversation_id in (select n.conversation_id from notifications n where n.user_id = $1 and not n.read)
         order by s.conversation_id, s.user_id for update`,
        [userId],
      );
      await manager.query('update notifications set read = true where user_id = $1 and not read', [userId]);
    });
  }

  async delete(userId: string, id: string): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await lockReadStateOf(manager, userId, id);
      const [, deleted] = (await manager.query('delete from notifications where id = $1 and user_id = $2', [id, userId])) as [
        unknown,
        number,
      ];
      if (deleted === 0) throw notificationNotFound();
    });
  }
}

/** Without it the consumer could add a message to a notification that is being read or deleted, and nobody would hear of it. */
async function lockReadStateOf(manager: EntityManager, userId: string, notificationId: string): Promise<void> {
  await manager.query(
    `select 1 from read_states s
     where s.user_id = $2 and s.conversation_id = (select n.conversation_id from notifications n where n.id = $1 and n.user_id = $2)
     for update`,
    [notificationId, userId],
  );
}
