import { columnsOf } from '@chat/shared/database';
import type { FeedPayload } from '@chat/shared/contracts';
import { recordDeletedUser } from '@chat/shared/consumer';
import type { DataSource } from 'typeorm';
import { tombstoneOf } from './tombstone.js';

const ROWS_PER_STEP = 500;

interface FeedRow {
  epoch: number;
  partition: number;
  offset: string;
  payload: string;
}

/**
 * Deletes what this service stores of a user that deleted the account: names, notifications, memberships; the messages of the user in the
 * feed become tombstones, and the previews of them in the notifications of other members are emptied.
 *
 * Many small steps, each committed by itself, so that no other transaction waits long; all before the consumer's position moves past the
 * event, so that an interrupted deletion is repeated. Every step can be repeated: it leaves out what is done, and depends only on rows that
 * no step removes. The first step makes the others complete: whatever is recorded after it takes into account that the user is deleted.
 */
export async function deleteUser(dataSource: DataSource, userId: string, deletedAt: string): Promise<void> {
  await recordDeletedUser(dataSource, userId, deletedAt);
  const conversations = (await dataSource.query('select distinct conversation_id as id from memberships where user_id = $1', [userId])) as {
    id: string;
  }[];
  for (const { id } of conversations) {
    await eraseMessages(dataSource, id, userId, deletedAt);
    await removeMember(dataSource, id, userId);
  }
  // Last: until the read states are deleted, a batch in progress may still notify this user.
  await dataSource.query('delete from notifications where user_id = $1', [userId]);
  await dataSource.query('delete from users where user_id = $1', [userId]);
}

/** Needs the index feed_events_conversation. Text within a message has its quotes escaped, so it is never taken for the sender. */
async function eraseMessages(dataSource: DataSource, conversationId: string, userId: string, deletedAt: string): Promise<void> {
  let after: Omit<FeedRow, 'payload'> = { epoch: -1, partition: -1, offset: '-1' };
  for (;;) {
    const rows = (await dataSource.query(
      `select epoch, partition, "offset", payload from feed_events
       where conversation_id = $1 and (epoch, partition, "offset") > ($2, $3, $4) and type = 'MessageCreated' and strpos(payload, $5) > 0
       order by epoch, partition, "offset" limit ${ROWS_PER_STEP}`,
      [conversationId, after.epoch, after.partition, after.offset, `"senderId":"${userId}"`],
    )) as FeedRow[];
    if (rows.length === 0) return;
    const tombstones = rows.map(({ payload, ...position }) => ({
      ...position,
      payload: JSON.stringify(tombstoneOf(JSON.parse(payload) as FeedPayload<'MessageCreated'>, deletedAt)),
    }));
    await dataSource.query(
      `update feed_events f set payload = t.payload
       from unnest($1::int[], $2::int[], $3::bigint[], $4::text[]) t(epoch, partition, "offset", payload)
       where f.epoch = t.epoch and f.partition = t.partition and f."offset" = t."offset"`,
      columnsOf(tombstones, ['epoch', 'partition', 'offset', 'payload']),
    );
    after = rows.at(-1)!;
  }
}

/**
 * Empties the previews, and deletes read state and memberships. In one transaction: the memberships are how a repeated deletion finds the
 * conversation, and without the read state no batch notifies the user any more. The read states are locked in the order of record_events.
 *
 * If only one other member remains, nothing is left to be read. The other members are counted, never the user, whose own read state may
 * be deleted already.
 */
async function removeMember(dataSource: DataSource, conversationId: string, userId: string): Promise<void> {
  await dataSource.transaction(async (manager) => {
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
  });
}
