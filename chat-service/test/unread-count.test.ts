import type { ChatConversation } from '@chat/shared/contracts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { UNREAD_COUNT } from '../src/receipts/receipts.queries.js';
import { Chat } from './kit/chat.js';
import { RandomHistory } from './kit/random-history.js';
import type { TestUser } from './kit/test-user.js';

const SEEDS = [1, 2, 3, 4];
const CONVERSATIONS = 125;
const ROUNDS = 200;
const ROUNDS_PER_CHECK = 20;
/** The operations have happened, and were not all refused. */
const EVENTS_OF_OPERATIONS = ['MessageCreated', 'MessageUpdated', 'MessageDeleted', 'MembersChanged', 'UserBlocked', 'UserUnblocked'];

let chat: Chat;
beforeAll(async () => {
  chat = await Chat.start();
});
afterAll(() => chat?.stop());

/** The members whose unread count is not the number of messages of others after last_read_seq that are not deleted. */
const wrongCounts = () =>
  chat.rows(`
    select * from (
      select me.*, c.last_seq, ${UNREAD_COUNT} as unread_count, (
        select count(*)::int from messages x
          where x.conversation_id = c.id and x.seq > me.last_read_seq and x.sender_id <> me.user_id and x.deleted_at is null) as counted
        from members me join conversations c on c.id = me.conversation_id
    ) u where u.unread_count <> u.counted limit 5`);

it.each(SEEDS)(
  'after 25,000 random operations, every unread count is that of a count of messages (seed %i)',
  { timeout: 600_000 },
  async (seed) => {
    const history = new RandomHistory(chat, { seed, conversations: CONVERSATIONS, users: 5 });
    await history.create();
    for (let part = 0; part < ROUNDS / ROUNDS_PER_CHECK; part++) {
      for (let round = 0; round < ROUNDS_PER_CHECK; round++) await history.round();
      expect(await wrongCounts()).toEqual([]);
    }
    const kinds = await chat.rows<{ type: string }>('select distinct type from outbox');
    expect(kinds.map(({ type }) => type)).toEqual(expect.arrayContaining(EVENTS_OF_OPERATIONS));
  },
);

it('reading the unread count reads as many rows and pages for 100,000 messages, read or deleted, as for 10', async () => {
  const [alice, bob, carol] = (await chat.users(3)) as [TestUser, TestUser, TestUser];
  const few = await alice.send({ receiverId: bob.userId, content: 'one' });
  const many = await alice.send({ receiverId: carol.userId, content: 'one' });
  for (const [id, last] of [
    [few.conversationId, 10],
    [many.conversationId, 100_000],
  ] as const) {
    await chat.sql.query(
      `insert into messages (id, conversation_id, seq, sender_id, content, created_at, deleted_at)
         select gen_random_uuid(), $1, seq, $2, '', now(), case when seq % 2 = 0 then now() end from generate_series(2, $3::int) seq`,
      [id, alice.userId, last],
    );
    await chat.sql.query('update conversations set last_seq = $2 where id = $1', [id, last]);
  }
  // As the first start of this build counts what was deleted before.
  await chat.sql.query('select recount_unread_deleted()');
  expect((await bob.conversation(few.conversationId)).unreadCount).toBe(5);
  expect((await carol.conversation(many.conversationId)).unreadCount).toBe(50_000);

  const costOf = async (user: TestUser, id: string) => {
    const [row] = await chat.rows<{ 'QUERY PLAN': { Plan: Plan }[] }>(
      `explain (analyze, buffers, timing off, summary off, format json)
         select ${UNREAD_COUNT} from conversations c join members me on me.conversation_id = c.id where c.id = $1 and me.user_id = $2`,
      [id, user.userId],
    );
    const { Plan: plan } = row!['QUERY PLAN'][0]!;
    return { pages: plan['Shared Hit Blocks'] + plan['Shared Read Blocks'], tables: tablesOf(plan) };
  };
  const cost = await costOf(carol, many.conversationId);
  expect(cost.tables).not.toContain('messages');
  expect(cost).toEqual(await costOf(bob, few.conversationId));
});

it('a deleted message above what a member has read is not unread, and reading past it counts it no more', async () => {
  const [alice, bob] = (await chat.users(2)) as [TestUser, TestUser];
  const { conversationId } = await alice.send({ receiverId: bob.userId, content: '1' });
  for (let seq = 2; seq <= 6; seq++) await alice.send({ conversationId, content: `${seq}` });
  await chat.sql.query('update messages set deleted_at = now() where conversation_id = $1 and seq in (2, 5)', [conversationId]);
  const unread = (conversation: ChatConversation) => conversation.unreadCount;
  expect(unread(await bob.conversation(conversationId))).toBe(4);
  expect(unread(await bob.markRead(conversationId, 3))).toBe(2);
  expect(unread(await bob.markRead(conversationId, 5))).toBe(1);
  expect(unread(await bob.markRead(conversationId, 6))).toBe(0);
});

interface Plan {
  'Shared Hit Blocks': number;
  'Shared Read Blocks': number;
  'Relation Name'?: string;
  Plans?: Plan[];
}

function tablesOf(plan: Plan): string[] {
  return [...(plan['Relation Name'] ? [plan['Relation Name']] : []), ...(plan.Plans ?? []).flatMap(tablesOf)];
}

it('a statement that deletes many messages writes each member row once', async () => {
  const users = await chat.users(20);
  const conversationId = await chat.group(users);
  await chat.sql.query(
    `insert into messages (id, conversation_id, seq, sender_id, content, created_at)
       select gen_random_uuid(), $1, seq, $2, 'text', now() from generate_series(1, 50) seq`,
    [conversationId, users[0]!.userId],
  );
  await chat.sql.query('update conversations set last_seq = 50 where id = $1', [conversationId]);
  await users[1]!.markRead(conversationId, 40);
  const client = await chat.sql.connect();
  // The counter of a connection also has the rows of its earlier transactions that it has not reported yet.
  const updatedRows = async (): Promise<number> => {
    const { rows } = await client.query(`select n_tup_upd::int as updated from pg_stat_xact_user_tables where relid = 'members'::regclass`);
    return rows[0].updated;
  };
  await client.query('begin');
  const before = await updatedRows();
  await client.query(`update messages set deleted_at = now() where conversation_id = $1`, [conversationId]);
  const updated = (await updatedRows()) - before;
  await client.query('commit');
  client.release();
  expect(updated).toBe(20);
  const counts = 'select unread_deleted as count from members where conversation_id = $1 and user_id = any ($2) order by 1';
  expect(await chat.rows(counts, [conversationId, [users[1]!.userId, users[2]!.userId]])).toEqual([{ count: 10 }, { count: 50 }]);
});
