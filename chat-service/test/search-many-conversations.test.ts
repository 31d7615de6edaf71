import { newId } from '@chat/shared/database';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { queryGrams } from '../src/search/grams.js';
import { BLOCK_SIZE } from '../src/search/index-batch.js';
import { Chat } from './kit/chat.js';
import { indexAll, searchAll } from './kit/search.js';
import type { TestUser } from './kit/test-user.js';

/* A user of more conversations than one scan of the index takes, beside other users whose messages have the same characters. */
const CONVERSATIONS = 70;
const OTHERS = 200;
/** Block 0 of each conversation has messages with an e, block 1 has none. */
const MESSAGES = 2 * BLOCK_SIZE;

let chat: Chat;
let ada: TestUser;
let ids: string[];
beforeAll(async () => {
  chat = await Chat.start();
  const [user, other] = await chat.users(2);
  ada = user!;
  ids = await conversationsOf(ada.userId, CONVERSATIONS);
  await conversationsOf(other!.userId, OTHERS);
  await indexAll(chat);
  await chat.sql.query('analyze');
});
afterAll(() => chat?.stop());

async function conversationsOf(userId: string, count: number): Promise<string[]> {
  const created = Array.from({ length: count }, () => newId());
  await chat.sql.query(
    `with c as (
       insert into conversations (id, kind, title, has_membership_record, created_by, created_at, last_seq, last_message_at)
         select u, 'GROUP', 'Group', true, $2, now(), $3, now() from unnest($1::uuid[]) u returning id),
     m as (insert into members (conversation_id, user_id, role, joined_at) select c.id, $2, 'MEMBER', now() from c)
     insert into messages (id, conversation_id, seq, sender_id, content, created_at)
       select gen_random_uuid(), c.id, n, $2, case when n <= $4 then 'e' else 'no' end || n, now() - ($3::int - n) * interval '1 second'
         from c cross join generate_series(1, $3::int) n`,
    [created, userId, MESSAGES, BLOCK_SIZE],
  );
  return created;
}

/** The number of rows that the index of grams returned for the search of these conversations, and the blocks that were found. */
async function blocksRead(text: string, conversationIds: string[]): Promise<{ read: number; found: number }> {
  const client = new Client({ connectionString: chat.database.adminUrl, options: '-c search_path=chat -c enable_seqscan=off' });
  await client.connect();
  try {
    await client.query('begin');
    const { rows } = await client.query(`select * from search_blocks($1, $2, $3, $4, $5, 'infinity', 40000)`, [
      queryGrams(text),
      conversationIds,
      conversationIds.map(() => 0),
      conversationIds.map(() => MESSAGES),
      BLOCK_SIZE,
    ]);
    const fetched = `select idx_tup_fetch::int as read from pg_stat_xact_user_tables where schemaname = 'chat' and relname = 'message_search_blocks'`;
    return { read: (await client.query<{ read: number }>(fetched)).rows[0]!.read, found: rows.length };
  } finally {
    await client.end();
  }
}

it('a search with one character reads the blocks of the conversations of the user, not those of other users', async () => {
  expect(await blocksRead('e', ids)).toEqual({ read: CONVERSATIONS, found: CONVERSATIONS });
  expect(await blocksRead('x', ids)).toEqual({ read: 0, found: 0 });
});

it('a search in most of all conversations, and one in few, find the same', async () => {
  const rows = await chat.rows<{ id: string }>('select id from conversations');
  const all = rows.map(({ id }) => id);
  expect(await blocksRead('e', all)).toEqual({ read: all.length, found: all.length });
  expect(await blocksRead('e', ids.slice(0, 3))).toEqual({ read: 3, found: 3 });
});

it('such a search has all hits of all conversations, newest first', async () => {
  const found = await searchAll(ada, { query: 'e', limit: 100 });
  expect(found).toHaveLength(CONVERSATIONS * BLOCK_SIZE);
  expect(new Set(found.map(({ conversationId }) => conversationId))).toEqual(new Set(ids));
  const times = found.map(({ createdAt }) => createdAt);
  expect(times).toEqual(times.toSorted().toReversed());
});
