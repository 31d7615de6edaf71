import { columnsOf } from '@chat/shared/database';
import type { FeedPayload } from '@chat/shared/contracts';
import { type DeletionState, recordDeletedUser } from '@chat/shared/consumer';
import type { DataSource, EntityManager } from 'typeorm';
import { eraseUserFromMessages } from './message-states.js';
import { tombstoneOfDeletedUser } from './tombstone.js';

/*
 * Deletes what this service stores of a user that deleted the account: names, notifications, memberships; the messages of the user in the
 * feed become tombstones, reactions and mentions of the user go, and the previews of them in the notifications of other members are emptied.
 *
 * The consumer only records the deletion, so that no event of another user waits for it; FeedDeletionWorker does the work in small parts.
 * Whatever is recorded after the deletion takes into account that the user is deleted, so what a part has left behind stays complete.
 */

const ROWS_PER_PART = 200;

interface UserDeletion {
  userId: string;
  deletedAt: Date;
  afterEpoch: number;
  afterPartition: number;
  afterOffset: string;
  /** The first one of which the user is still a member; null: the user has left all. */
  conversationId: string | null;
}

interface FeedRow {
  epoch: number;
  partition: number;
  offset: string;
  /** Null: the event is no message of the user, or the message was changed and is stored in feed_messages. */
  payload: string | null;
}

/** Before the consumer's position moves past the event. Repeating it has no effect. */
export async function recordDeletion(dataSource: DataSource, userId: string, deletedAt: string): Promise<void> {
  await dataSource.transaction(async (manager) => {
    await recordDeletedUser(manager, userId, deletedAt);
    await manager.query('insert into user_deletions (user_id, deleted_at) values ($1, $2) on conflict do nothing', [userId, deletedAt]);
    await manager.query('delete from blocks where user_id = $1 or blocked_user_id = $1', [userId]);
  });
}

/**
 * Does the next part of the oldest deletion, and stores how far it is, in one transaction: a crash loses nothing, and no part is done by two
 * processes.
 */
export async function deletePart(dataSource: DataSource, rowsPerPart = ROWS_PER_PART): Promise<DeletionState> {
  return await dataSource.transaction(async (manager) => {
    const [lock] = (await manager.query(
      `select pg_try_advisory_xact_lock(hashtextextended('user deletions of ' || current_schema(), 0)) as "isFree"`,
    )) as { isFree: boolean }[];
    if (!lock!.isFree) return 'waiting';
    const [deletion] = (await manager.query(
      `select d.user_id as "userId", d.deleted_at as "deletedAt", d.after_epoch as "afterEpoch", d.after_partition as "afterPartition",
         d.after_offset as "afterOffset",
         (select m.conversation_id from memberships m where m.user_id = d.user_id order by m.conversation_id limit 1) as "conversationId"
       from user_deletions d order by d.deleted_at, d.user_id limit 1`,
    )) as UserDeletion[];
    if (!deletion) return 'idle';
    const { userId, conversationId } = deletion;
    if (conversationId === null) await deleteRest(manager, userId, rowsPerPart);
    else if (
      (await eraseMessages(manager, { ...deletion, conversationId }, rowsPerPart)) &&
      (await eraseUserFromMessages(manager, { ...deletion, conversationId }, rowsPerPart))
    )
      await removeMember(manager, conversationId, userId);
    return 'working';
  });
}

/**
 * Reads a page of the conversation with the messages of all members, by the index feed_events_conversation. True after the last page. Text
 * within a message has its quotes escaped, so it is never taken for the sender.
 */
async function eraseMessages(
  manager: EntityManager,
  { userId, deletedAt, conversationId, afterEpoch, afterPartition, afterOffset }: UserDeletion,
  rowsPerPart: number,
): Promise<boolean> {
  const rows = (await manager.query(
    `select epoch, partition, "offset", case when type = 'MessageCreated' and message_id is null and strpos(payload, $5) > 0 then payload end as payload from (
       select * from feed_events where conversation_id = $1 and (epoch, partition, "offset") > ($2, $3, $4)
       order by epoch, partition, "offset" limit $6) page`,
    [conversationId, afterEpoch, afterPartition, afterOffset, `"senderId":"${userId}"`, rowsPerPart],
  )) as FeedRow[];
  const tombstones = rows.flatMap(({ payload, ...position }) =>
    payload === null ? [] : [{ ...position, payload: tombstoneText(payload, deletedAt) }],
  );
  await manager.query(
    `update feed_events f set payload = t.payload
     from unnest($1::int[], $2::int[], $3::bigint[], $4::text[]) t(epoch, partition, "offset", payload)
     where f.epoch = t.epoch and f.partition = t.partition and f."offset" = t."offset"`,
    columnsOf(tombstones, ['epoch', 'partition', 'offset', 'payload']),
  );
  const isLast = rows.length < rowsPerPart;
  const { epoch, partition, offset } = isLast ? { epoch: -1, partition: -1, offset: '-1' } : rows.at(-1)!;
  await manager.query('update user_deletions set after_epoch = $2, after_partition = $3, after_offset = $4 where user_id = $1', [
    userId,
    epoch,
    partition,
    offset,
  ]);
  return isLast;
}

function tombstoneText(payload: string, deletedAt: Date): string {
  return JSON.stringify(tombstoneOfDeletedUser(JSON.parse(payload) as FeedPayload<'MessageCreated'>, deletedAt.toISOString()));
}

/**
 * Empties the previews, and deletes read state and memberships: the memberships are how the next part finds a conversation, and without the
 * read state no batch notifies the user any more. The read states are locked in the order of record_events.
 *
 * If only one other member remains, nothing is left to be read.
 */
async function removeMember(manager: EntityManager, conversationId: string, userId: string): Promise<void> {
  await manager.query('select 1 from read_states s where s.conversation_id = $1 order by s.user_id for update', [conversationId]);
  await manager.query(
    `update notifications n
     set message = '', read = n.read or (select count(*) from read_states o where o.conversation_id = $1 and o.user_id <> $2) <= 1
     from read_states s
     where s.conversation_id = $1 and n.user_id = s.user_id and n.conversation_id = $1 and n.sender_id = $2`,
    [conversationId, userId],
  );
  await manager.query('delete from read_states where conversation_id = $1 and user_id = $2', [conversationId, userId]);
  await manager.query('delete from memberships where conversation_id = $1 and user_id = $2', [conversationId, userId]);
}

/** Last: until the read states are deleted, a batch in progress may still notify this user. */
async function deleteRest(manager: EntityManager, userId: string, rowsPerPart: number): Promise<void> {
  const [, deleted] = (await manager.query(
    'delete from notifications where id in (select id from notifications where user_id = $1 limit $2)',
    [userId, rowsPerPart],
  )) as [unknown, number];
  if (deleted === rowsPerPart) return;
  await manager.query('delete from users where user_id = $1', [userId]);
  await manager.query('delete from user_deletions where user_id = $1', [userId]);
}
