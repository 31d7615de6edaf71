import { recordDeletedUser } from '@chat/shared/consumer';
import type { EntityManager } from 'typeorm';

/** Somebody may have written for years: no statement takes long. */
const SEQS_PER_STEP = 10_000;

/**
 * Clears what this service has of somebody who deleted the account, in one transaction: it either happened or will happen again.
 *
 * Their messages become tombstones, with place, sender and time, and without content or key. Their direct conversations stay to the others
 * and are closed; groups go on without them. What they had read goes with them.
 *
 * The long part comes first and locks nothing that others write to. Then the locks by which sends, and first messages, either see that the
 * person is gone or are seen here.
 */
export async function clearDeletedPerson(manager: EntityManager, userId: string, deletedAt: string): Promise<void> {
  await eraseMessages(manager, userId, deletedAt);
  await recordDeletedUser(manager, userId, deletedAt);
  // In the order in which sends lock them.
  await manager.query(
    `select c.id from conversations c where c.id in (select m.conversation_id from members m where m.user_id = $1)
       order by c.id for no key update`,
    [userId],
  );
  await manager.query(
    `update conversations c set is_closed = true from members m where m.user_id = $1 and c.id = m.conversation_id and c.kind = 'DIRECT'`,
    [userId],
  );
  await eraseMessages(manager, userId, deletedAt);
  await manager.query(
    `delete from receipt_steps s using members m
       where m.user_id = $1 and s.conversation_id = m.conversation_id and s.user_id = m.user_id`,
    [userId],
  );
  await manager.query(
    `delete from unannounced_receipts u using members m
       where m.user_id = $1 and u.conversation_id = m.conversation_id and u.user_id = m.user_id`,
    [userId],
  );
  await manager.query(
    `delete from members m using conversations c where m.user_id = $1 and c.id = m.conversation_id and c.kind = 'GROUP'`,
    [userId],
  );
  await manager.query('delete from users where user_id = $1', [userId]);
}

/** Where they wrote is found by the index messages_client_key, which begins with the sender; also in groups that they left. */
async function eraseMessages(manager: EntityManager, userId: string, deletedAt: string): Promise<void> {
  const spans = await manager.query<{ id: string; first: number; last: number }[]>(
    `select conversation_id as id, min(seq) as first, max(seq) as last from messages
       where sender_id = $1 and ${IS_LEFT} group by conversation_id order by conversation_id`,
    [userId],
  );
  for (const { id, first, last } of spans) {
    for (let from = first; from <= last; from += SEQS_PER_STEP)
      await manager.query(
        `update messages set content = '', client_message_id = null, deleted_at = coalesce(deleted_at, $1)
           where conversation_id = $2 and seq between $3 and $4 and sender_id = $5 and ${IS_LEFT}`,
        [deletedAt, id, from, from + SEQS_PER_STEP - 1, userId],
      );
  }
}

const IS_LEFT = '(deleted_at is null or client_message_id is not null)';
