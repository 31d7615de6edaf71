import { newId } from '@chat/shared/database';
import { expect, it } from 'vitest';
import { Conversation } from './kit/events.js';
import { useFeed } from './kit/use-feed.js';

const feed = useFeed();
const MEMBERS = 20;
const OTHERS = 3000;

it('a batch reads the read states and unread notifications of its own members only, also with plans that were made while the tables were small', async () => {
  const members = Array.from({ length: MEMBERS }, () => newId());
  const group = new Conversation(feed.write, members);
  group.create();
  group.send(members[0]!);
  await feed.record();
  await feed.dataSource.query('analyze read_states, notifications');
  await feed.dataSource.query(
    `with others as (insert into read_states (conversation_id, user_id) select gen_random_uuid(), gen_random_uuid() from generate_series(1, $1) returning *)
     insert into notifications (id, user_id, type, conversation_id, message_id, sender_id, seq, count, message, read, created_at)
       select gen_random_uuid(), user_id, 'MESSAGE', conversation_id, gen_random_uuid(), gen_random_uuid(), 1, 1, 'hello', false, now() from others`,
    [OTHERS],
  );
  const reader = newId();
  await feed.dataSource.transaction(async (manager) => {
    const record = [[feed.epoch], [0], [1000], [group.id], [newId()], ['MessageCreated'], ['{}'], [new Date().toISOString()], 30];
    const affected = [[], [], [group.id], [group.id], [newId()], [reader], [], [], [members[0]], 2 * MEMBERS];
    await manager.query('select record_events($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)', [
      ...record,
      ...affected,
    ]);
    const fetched = (await manager.query(
      `select relname as table, (coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::int as rows
         from pg_stat_xact_user_tables where schemaname = current_schema() and relname in ('read_states', 'notifications') order by 1`,
    )) as { table: string; rows: number }[];
    expect(fetched.map(({ table }) => table)).toEqual(['notifications', 'read_states']);
    for (const { rows } of fetched) expect(rows).toBeLessThan(10 * MEMBERS);
  });
});
