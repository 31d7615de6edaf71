import { recordDeletedUser } from '@chat/shared/consumer';
import type { EntityManager } from 'typeorm';

/** A user may have sent messages for years: no statement may take long. */
const SEQS_PER_STEP = 10_000;

/**
 * Deletes what this service has of a user that deleted the account, in one transaction.
 *
 * The user's messages become tombstones: conversation, seq, sender and time stay; content and key are deleted. The direct conversations stay for
 * the other members and are closed; groups continue without the user. What the user had read is deleted.
 *
 * The long part is first and locks nothing that other users write to. Then come the locks by which concurrent sends and first messages either
 * see that the user is deleted or are seen here.
 */
export async function deleteUser(manager: EntityManager, userId: string, deletedAt: string): Promise<void> {
  await replaceByTombstones(manager, userId, deletedAt);
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
  await replaceByTombstones(manager, userId, deletedAt);
  await manager.query(
    `delete from read_receipt_history h using members m
       where m.user_id = $1 and h.conversation_id = m.conversation_id and h.user_id = m.user_id`,
    [userId],
  );
  await manager.query(
    `delete from pending_receipt_events p using members m
       where m.user_id = $1 and p.conversation_id = m.conversation_id and p.user_id = m.user_id`,
    [userId],
  );
  await manager.query(
    `delete from members m using conversations c where m.user_id = $1 and c.id = m.conversation_id and c.kind = 'GROUP'`,
    [userId],
  );
  await manager.query('delete from users where user_id = $1', [userId]);
}

/** The index messages_client_key, which begins with the sender, finds the conversations, also groups that the user has left. */
async function replaceByTombstones(manager: EntityManager, userId: string, deletedAt: string): Promise<void> {
  const spans = await manager.query<{ id: string; first: number; last: number }[]>(
    `select conversation_id as id, min(seq) as first, max(seq) as last from messages
       where sender_id = $1 and ${HAS_CONTENT} group by conversation_id order by conversation_id`,
    [userId],
  );
  for (const { id, first, last } of spans) {
    for (let from = first; from <= last; from += SEQS_PER_STEP)
      await manager.query(
        `update messages set content = '', client_message_id = null, deleted_at = coalesce(deleted_at, $1)
           where conversation_id = $2 and seq between $3 and $4 and sender_id = $5 and ${HAS_CONTENT}`,
        [deletedAt, id, from, from + SEQS_PER_STEP - 1, userId],
      );
  }
}

const HAS_CONTENT = '(deleted_at is null or client_message_id is not null)';
