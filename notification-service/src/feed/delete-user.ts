import type { FeedPayload } from '@chat/shared/contracts';
import { recordDeletedUser } from '@chat/shared/consumer';
import type { DataSource } from 'typeorm';
import { columns } from '../columns.js';
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
 * event, so that an interrupted deletion is repeated from the beginning. The first step makes the others complete: whatever is recorded
 * after it takes into account that the user is deleted.
 */
export async function deleteUser(dataSource: DataSource, userId: string, deletedAt: string): Promise<void> {
  await recordDeletedUser(dataSource, userId, deletedAt);
  const conversations = (await dataSource.query('select distinct conversation_id as id from memberships where user_id = $1', [userId])) as {
    id: string;
  }[];
  for (const { id } of conversations) {
    await eraseMessages(dataSource, id, userId, deletedAt);
    await erasePreviews(dataSource, id, userId);
  }
  // A batch in progress may still notify this user as long as the read states exist; it has locked them.
  await dataSource.query('delete from read_states where user_id = $1 and conversation_id = any ($2::uuid[])', [
    userId,
    conversations.map(({ id }) => id),
  ]);
  await dataSource.query('delete from notifications where user_id = $1', [userId]);
  await dataSource.query('delete from users where user_id = $1', [userId]);
  // Last: by them the conversations above are found.
  await dataSource.query('delete from memberships where user_id = $1', [userId]);
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
      columns(tombstones, ['epoch', 'partition', 'offset', 'payload']),
    );
    after = rows.at(-1)!;
  }
}

/** In a conversation of two nothing remains to be read. The read states are locked in the same order as by record_events. */
async function erasePreviews(dataSource: DataSource, conversationId: string, senderId: string): Promise<void> {
  await dataSource.transaction(async (manager) => {
    await manager.query('select 1 from read_states s where s.conversation_id = $1 order by s.user_id for update', [conversationId]);
    await manager.query(
      `update notifications n
       set message = '', read = n.read or (select count(*) from read_states o where o.conversation_id = $1) <= 2
       from read_states s
       where s.conversation_id = $1 and n.user_id = s.user_id and n.conversation_id = $1 and n.sender_id = $2`,
      [conversationId, senderId],
    );
  });
}
