import { columnsOf, preparedStatement } from '@chat/shared/database';
import type { Notification } from '@chat/shared/contracts';
import type { DataSource, EntityManager } from 'typeorm';
import type { MessageNotification, ReadState } from './apply.js';
import { NOTIFICATION_COLUMNS, type NotificationRow, toNotification } from './to-notification.js';

/*
 * The statements about notifications. Those of one user ask for `user_id`, so a user reaches only the own notifications.
 *
 * The row in `read_states` is the lock of all notifications of (conversation, user): a transaction that changes one takes it first. Without
 * it the consumer could add a message to a notification that is being marked as read or deleted, and the user would never see it.
 */

interface PageRequest {
  page: number;
  limit: number;
  unreadOnly: boolean;
}

/** Newest first, by the index notifications_newest or notifications_unread. */
export async function selectPage(runner: DataSource, userId: string, { page, limit, unreadOnly }: PageRequest): Promise<Notification[]> {
  const rows = (await runner.query(
    `select ${NOTIFICATION_COLUMNS} from notifications n left join users u on u.user_id = n.sender_id
     where n.user_id = $1 ${unreadOnly ? 'and not n.read' : ''}
     order by n.created_at desc, n.id desc limit $2 offset $3`,
    [userId, limit, (page - 1) * limit],
  )) as NotificationRow[];
  return rows.map(toNotification);
}

export async function countNotifications(runner: DataSource, userId: string): Promise<{ all: number; unread: number }> {
  const rows = (await runner.query(
    'select count(*)::int as all, (count(*) filter (where not read))::int as unread from notifications where user_id = $1',
    [userId],
  )) as { all: number; unread: number }[];
  return rows[0]!;
}

export async function countUnread(runner: DataSource, userId: string): Promise<number> {
  const rows = (await runner.query('select count(*)::int as count from notifications where user_id = $1 and not read', [userId])) as {
    count: number;
  }[];
  return rows[0]!.count;
}

/** The unread notifications whose newest message is one of these. */
export async function selectUnreadByMessage(
  runner: DataSource,
  messages: { conversationId: string; messageId: string }[],
): Promise<Notification[]> {
  if (messages.length === 0) return [];
  const rows = (await runner.query(
    `select ${NOTIFICATION_COLUMNS} from unnest($1::uuid[], $2::uuid[]) m(conversation_id, message_id)
     join notifications n on n.conversation_id = m.conversation_id and n.message_id = m.message_id and n.type = 'MESSAGE' and not n.read
     left join users u on u.user_id = n.sender_id`,
    columnsOf(messages, ['conversationId', 'messageId']),
  )) as NotificationRow[];
  return rows.map(toNotification);
}

export async function lockReadState(manager: EntityManager, userId: string, notificationId: string): Promise<void> {
  await manager.query(
    `select 1 from read_states s
     where s.user_id = $2 and s.conversation_id = (select n.conversation_id from notifications n where n.id = $1 and n.user_id = $2)
     for update`,
    [notificationId, userId],
  );
}

/** In the order in which the consumer locks them. */
export async function lockUnreadStates(manager: EntityManager, userId: string): Promise<void> {
  await manager.query(
    `select 1 from read_states s
     where s.user_id = $1 and s.conversation_id in (select n.conversation_id from notifications n where n.user_id = $1 and not n.read)
     order by s.conversation_id, s.user_id for update`,
    [userId],
  );
}

/** Null when the user has no such notification. */
export async function updateAsRead(manager: EntityManager, userId: string, id: string): Promise<Notification | null> {
  const [row] = (await manager.query(
    `with n as (update notifications set read = true where id = $1 and user_id = $2 returning *)
     select ${NOTIFICATION_COLUMNS} from n left join users u on u.user_id = n.sender_id`,
    [id, userId],
  )) as NotificationRow[];
  return row ? toNotification(row) : null;
}

export async function updateAllAsRead(manager: EntityManager, userId: string): Promise<void> {
  await manager.query('update notifications set read = true where user_id = $1 and not read', [userId]);
}

/** False when the user has no such notification. */
export async function deleteNotification(manager: EntityManager, userId: string, id: string): Promise<boolean> {
  const [, deleted] = (await manager.query('delete from notifications where id = $1 and user_id = $2', [id, userId])) as [unknown, number];
  return deleted > 0;
}

const SAVE_NOTIFICATIONS = preparedStatement(
  'save_notifications',
  'select save_notifications($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)',
);

/** Stores what the rules decided; see the function save_notifications for the order. The read states are locked by record_events. */
export async function saveMessageNotifications(
  manager: EntityManager,
  notifications: MessageNotification[],
  readStates: ReadState[],
): Promise<void> {
  await manager.query(SAVE_NOTIFICATIONS, [
    ...columnsOf(notifications, [
      'id',
      'userId',
      'conversationId',
      'messageId',
      'senderId',
      'seq',
      'count',
      'message',
      'read',
      'createdAt',
    ]),
    ...columnsOf(readStates, ['conversationId', 'userId', 'readSeq']),
  ]);
}

/**
 * Empties the previews of deleted messages in the notifications of all members, present and former, that are read already; those that are unread follow
 * the rules. The newest message of a notification gives it its time, so one look-up for each member finds it, by the index notifications_newest.
 */
export async function erasePreviews(
  manager: EntityManager,
  messages: { conversationId: string; messageId: string; createdAt: string }[],
): Promise<void> {
  await manager.query(
    `update notifications n set message = ''
     from unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) d(conversation_id, message_id, created_at)
     join lateral (select distinct m.user_id from memberships m where m.conversation_id = d.conversation_id) m on true
     where n.user_id = m.user_id and n.created_at = d.created_at and n.message_id = d.message_id and n.message <> ''`,
    columnsOf(messages, ['conversationId', 'messageId', 'createdAt']),
  );
}

/** The read states are locked by record_events. */
export async function saveMutes(manager: EntityManager, readStates: ReadState[]): Promise<void> {
  await manager.query(
    `update read_states s set muted_until = r.muted_until from unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) r(conversation_id, user_id, muted_until)
     where s.conversation_id = r.conversation_id and s.user_id = r.user_id`,
    columnsOf(readStates, ['conversationId', 'userId', 'mutedUntil']),
  );
}

export async function insertSystemNotifications(manager: EntityManager, notifications: Notification[]): Promise<void> {
  await manager.query(
    `insert into notifications (id, user_id, type, title, message, data, read, created_at)
     select id, user_id, 'SYSTEM', title, message, data, false, created_at
       from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::jsonb[], $6::timestamptz[])
         as n(id, user_id, title, message, data, created_at)`,
    columnsOf(
      notifications.map((n) => ({ ...n, data: JSON.stringify(n.data) })),
      ['id', 'userId', 'title', 'message', 'data', 'createdAt'],
    ),
  );
}
