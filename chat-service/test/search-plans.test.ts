import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DATABASE_SETTINGS } from '../src/database/queries.module.js';
import { queryGrams, SEARCH_RULE } from '../src/search/grams.js';
import { BLOCK_SIZE } from '../src/search/index-batch.js';
import { SEARCH_MESSAGES } from '../src/search/search.queries.js';
import { Chat } from './kit/chat.js';
import { indexAll } from './kit/search.js';

const MESSAGES = 2000;

let chat: Chat;
let userId: string;
beforeAll(async () => {
  chat = await Chat.start();
  const [user] = await chat.users(1);
  userId = user!.userId;
  const conversationId = await chat.group([user!]);
  await chat.sql.query(
    `insert into messages (id, conversation_id, seq, sender_id, content, created_at)
       select gen_random_uuid(), $1, n, $2, 'message number ' || n, now() from generate_series(1, $3::int) n`,
    [conversationId, userId, MESSAGES],
  );
  await chat.sql.query('update conversations set last_seq = $2 where id = $1', [conversationId, MESSAGES]);
  await indexAll(chat);
  await chat.sql.query('analyze');
});
afterAll(async () => {
  await chat?.stop();
});

/** The plans of the statements within a search, one text. PostgreSQL logs them to the client. */
async function plansOf(text: string): Promise<string> {
  const settings = { ...DATABASE_SETTINGS, search_path: 'chat', client_min_messages: 'log', 'auto_explain.log_min_duration': '0' };
  const options = Object.entries({ ...settings, 'auto_explain.log_nested_statements': 'on', 'auto_explain.log_analyze': 'on' });
  const client = new Client({ connectionString: chat.database.adminUrl });
  const plans: string[] = [];
  client.on('notice', ({ message }) => plans.push(message ?? ''));
  await client.connect();
  try {
    await client.query(`load 'auto_explain'`);
    for (const [name, value] of options) await client.query('select set_config($1, $2, false)', [name, value]);
    plans.length = 0;
    const none = ['infinity', 2_147_483_647, 'ffffffff-ffff-ffff-ffff-ffffffffffff'];
    await client.query({
      ...SEARCH_MESSAGES,
      values: [userId, null, null, text, queryGrams(text), SEARCH_RULE, BLOCK_SIZE, ...none, 21, 500, 10_000],
    });
  } finally {
    await client.end();
  }
  return plans.join('\n');
}

it('a search reads the index of grams and ranges of the other tables, and no table as a whole', async () => {
  const plans = await plansOf('number 17');
  expect(plans).toContain('Bitmap Index Scan on message_search_grams');
  const conditions = [...plans.matchAll(/Index Cond: (.*)/g)].map(([, condition]) => condition);
  expect(conditions).toContainEqual(expect.stringMatching(/^\(\(grams @> \$\d+\) AND \(grams && \$\d+\)\)$/));
  expect(conditions).toEqual(
    expect.arrayContaining([
      '((conversation_id = b.id) AND (block = b.block))',
      '((conversation_id = b.id) AND (seq = (((b.block * $7) + (t.number)::integer))))',
    ]),
  );
  expect(conditions).toContainEqual(expect.stringMatching(/^\(\(conversation_id = s\.id\) AND \(seq > GREATEST/));
  expect(plans).not.toMatch(
    /Seq Scan on (messages|message_search\w*|conversations|members)|Bitmap Heap Scan on (messages|message_search|message_search_texts) /,
  );
});

it('a text that is in every message is found in the first blocks', async () => {
  const read = /Function Scan on b \([^)]*\) \(actual[^)]*rows=([\d.]+)/g;
  const blocks = [...(await plansOf('message number')).matchAll(read)].map(([, rows]) => Number(rows));
  expect(Math.max(...blocks)).toBeLessThanOrEqual(64);
});
