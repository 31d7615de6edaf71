import type { Notification } from '@chat/shared/contracts';
import { newId } from '@chat/shared/database';
import { findDeletedUsers, type ReceivedEvent, deduplicateEvents } from '@chat/shared/consumer';
import type { EntityManager } from 'typeorm';

type NewDevice = ReceivedEvent<'SignedInFromNewDevice'>;

/** auth.user is kept for ever: whoever reads it anew tells nobody of sign-ins that are long gone. */
const NEWS_FOR_MS = 30 * 24 * 60 * 60 * 1000;

/** The same for everybody: what the event says of the sign-in is in `data`. */
const TITLE = 'New sign-in';
const MESSAGE =
  'Somebody signed in to your account from a device it had not seen before. If it was not you, end that session and change your password.';

/**
 * Stores the SYSTEM notifications that events bring about, in the transaction that stores the batch. The inbox keeps an event that is
 * published or read again from coming back after its notification was deleted.
 */
export async function raiseSystemNotifications(manager: EntityManager, group: string, records: ReceivedEvent[]): Promise<Notification[]> {
  const oldest = Date.now() - NEWS_FOR_MS;
  const news = records.filter(
    (record): record is NewDevice => record.type === 'SignedInFromNewDevice' && Date.parse(record.payload.signedInAt) > oldest,
  );
  const fresh = await deduplicateEvents(
    manager,
    group,
    news.map(({ eventId }) => eventId),
  );
  const gone = await findDeletedUsers(
    manager,
    news.map(({ payload }) => payload.userId),
  );
  const notifications: Notification[] = [];
  for (const { eventId, payload } of news)
    if (fresh.delete(eventId) && !gone.has(payload.userId)) notifications.push(toSystemNotification(payload));
  if (notifications.length > 0)
    await manager.query(
      `insert into notifications (id, user_id, type, title, message, data, read, created_at)
       select id, user_id, 'SYSTEM', title, message, data, false, created_at
         from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::jsonb[], $6::timestamptz[])
           as n(id, user_id, title, message, data, created_at)`,
      [
        notifications.map(({ id }) => id),
        notifications.map(({ userId }) => userId),
        notifications.map(({ title }) => title),
        notifications.map(({ message }) => message),
        notifications.map(({ data }) => JSON.stringify(data)),
        notifications.map(({ createdAt }) => createdAt),
      ],
    );
  return notifications;
}

function toSystemNotification({ userId, sessionId, signedInAt }: NewDevice['payload']): Notification {
  return {
    id: newId(),
    userId,
    type: 'SYSTEM',
    title: TITLE,
    message: MESSAGE,
    data: { sessionId },
    read: false,
    createdAt: new Date(signedInAt).toISOString(),
  };
}
