import type { FeedPayload } from '@chat/shared/contracts';
import { recordDeletedUser } from '@chat/shared/consumer';
import type { DataSource } from 'typeorm';
import { tombstoneOf } from '../feed/tombstone.js';

const ROWS_PER_STEP = 500;

interface FeedRow {
  epoch: number;
  partition: number;
  offset: string;
  payload: string;
}

/**
 * Clears what this service has of somebody who deleted the account: name, notifications, memberships; their messages in the feed become
 * tombstones, and the notifications of others say no more what they wrote.
 *
 * Many small steps, each committed by itself, so that nothing waits long for it; done before the position moves past the event, so that
 * it is done again from the beginning if it was not finished. The first step is what makes the others complete: whatever is recorded after
 * it knows that the person is gone.
 */
export async function clearDeletedPerson(dataSource: DataSource, userId: string, deletedAt: string): Promise<void> {
  await recordDeletedUser(dataSource, userId, deletedAt);
  const conversations = (await dataSource.query('select distinct conversation_id as id from memberships where user_id = $1', [userId])) as {
    id: string;
  }[];
  for (const { id } of conversations) {
    await eraseMessages(dataSource, id, userId, deletedAt);
    await erasePreviews(dataSource, id, userId);
  }
  // A batch that is under way may notify this person as long as their read states are there; it has locked them.
  await dataSource.query('delete from read_states where user_id = $1 and conversation_id = any ($2::uuid[])', [
    userId,
    conversations.map(({ id }) => id),
  ]);
  await dataSource.query('delete from notifications where user_id = $1', [userId]);
  await dataSource.query('delete from people where user_id = $1', [userId]);
  // Last: by them it is known where there is something to clear.
  await dataSource.query('delete from memberships where user_id = $1', [userId]);
}

/** Counts on the index feed_events_conversation. Text within a message has its quotes escaped, so it is never taken for the sender. */
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
    await dataSource.query(
      `update feed_events f set payload = t.payload
       from unnest($1::int[], $2::int[], $3::bigint[], $4::text[]) t(epoch, partition, "offset", payload)
       where f.epoch = t.epoch and f.partition = t.partition and f."offset" = t."offset"`,
      [
        rows.map(({ epoch }) => epoch),
        rows.map(({ partition }) => partition),
        rows.map(({ offset }) => offset),
        rows.map(({ payload }) => JSON.stringify(tombstoneOf(JSON.parse(payload) as FeedPayload<'MessageCreated'>, deletedAt))),
      ],
    );
    after = rows.at(-1)!;
  }
}

/** With the other one gone nothing is left to be read in a conversation of two. The read states are locked as the recorder locks them. */
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
