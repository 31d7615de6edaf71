import type { FeedMessage } from '@chat/shared/contracts';
import type { EntityManager } from 'typeorm';
import { isChange, messageOf } from './feed-message.js';
import type { FeedRecord } from './feed-event.js';

/*
 * The events of a message come in order, except one that comes late: a dead letter that is replayed, after later changes of its message. It shows the
 * message as it is: an old text must not come back, least of all a deleted one.
 */

/** The messages that were changed before this batch: those of `created`, as record_events returns them, and those that the records change. */
export async function changedBefore(
  manager: EntityManager,
  created: [messageId: string, payload: string][],
  records: FeedRecord[],
): Promise<Map<string, FeedMessage>> {
  const ids = records.filter(isChange).flatMap((record) => messageOf(record)?.messageId ?? []);
  const rows =
    ids.length === 0
      ? []
      : ((await manager.query('select message_id as "messageId", payload from feed_messages where message_id = any($1::uuid[])', [
          ids,
        ])) as {
          messageId: string;
          payload: string;
        }[]);
  const known = [...created, ...rows.map(({ messageId, payload }) => [messageId, payload] as const)];
  return new Map(known.map(([messageId, payload]) => [messageId, JSON.parse(payload) as FeedMessage]));
}

/** Whether the message of an event is older than the message as it was after an earlier event. */
export function isLate(record: FeedRecord, message: FeedMessage, now: FeedMessage | undefined): boolean {
  if (now === undefined) return false;
  if (!isChange(record)) return true;
  if (now.deletedAt !== undefined) return message.deletedAt === undefined;
  return message.deletedAt === undefined && (message.editedAt ?? '') < (now.editedAt ?? '');
}
