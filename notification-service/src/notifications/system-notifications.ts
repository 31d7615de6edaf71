import { deduplicateEvents, findDeletedUsers, type ReceivedEvent } from '@chat/shared/consumer';
import type { Notification } from '@chat/shared/contracts';
import { newId } from '@chat/shared/database';
import type { EntityManager } from 'typeorm';
import { insertSystemNotifications } from './notifications.queries.js';

type NewDeviceEvent = ReceivedEvent<'SignedInFromNewDevice'>;

/** auth.user is kept for ever: a service that consumes it again from the beginning does not report old sign-ins. */
const MAX_AGE = '30 days';
/** The inbox keeps ids longer than any event can have an effect; clocks may differ. */
export const INBOX_RETENTION = '31 days';

/** The same for every user: `data` says which session the notification is about. */
const TITLE = 'New sign-in';
const MESSAGE =
  'There was a sign-in to your account from a device it had not seen before. If it was not you, revoke that session and change your password.';

/**
 * Stores the SYSTEM notifications that events require, in the transaction that stores the batch. The inbox prevents a second effect of an
 * event that is published or consumed again after its notification was deleted.
 */
export async function createSystemNotifications(manager: EntityManager, group: string, records: ReceivedEvent[]): Promise<Notification[]> {
  const recent = await findRecent(
    manager,
    records.filter((record): record is NewDeviceEvent => record.type === 'SignedInFromNewDevice'),
  );
  const newIds = await deduplicateEvents(
    manager,
    group,
    recent.map(({ eventId }) => eventId),
  );
  const deletedUsers = await findDeletedUsers(
    manager,
    recent.map(({ payload }) => payload.userId),
  );
  const notifications: Notification[] = [];
  for (const { eventId, payload } of recent)
    if (newIds.delete(eventId) && !deletedUsers.has(payload.userId)) notifications.push(toSystemNotification(payload));
  if (notifications.length > 0) await insertSystemNotifications(manager, notifications);
  return notifications;
}

/** By the clock of the database. */
async function findRecent(manager: EntityManager, events: NewDeviceEvent[]): Promise<NewDeviceEvent[]> {
  if (events.length === 0) return [];
  const rows = (await manager.query(
    `select t.time > clock_timestamp() - interval '${MAX_AGE}' as recent from unnest($1::timestamptz[]) with ordinality as t(time, n) order by n`,
    [events.map(({ payload }) => payload.signedInAt)],
  )) as { recent: boolean }[];
  return events.filter((_, index) => rows[index]!.recent);
}

function toSystemNotification({ userId, sessionId, signedInAt }: NewDeviceEvent['payload']): Notification {
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
