import { newId } from '@chat/shared/database';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DATABASE_SETTINGS } from '../src/database/queries.module.js';
import { LIST_MESSAGES } from '../src/messages/messages.queries.js';
import { Chat } from './kit/chat.js';
import { TestGroup } from './kit/groups.js';

const MESSAGES = 10;

let chat: Chat;
let group: TestGroup;
const messageIds: string[] = [];
beforeAll(async () => {
  chat = await Chat.start();
  const [ada, ben] = await chat.users(2);
  group = await TestGroup.create(chat, ada!, [ben!]);
  for (let n = 0; n < MESSAGES; n++) messageIds.push((await group.send(ada!)).body.id);
});
afterAll(() => chat?.stop());

/** The plan of a page of all messages, after it has run. */
async function explainPage(): Promise<string> {
  const client = new Client({ connectionString: chat.database.adminUrl });
  await client.connect();
  try {
    for (const [name, value] of Object.entries({ ...DATABASE_SETTINGS, search_path: 'chat' }))
      await client.query('select set_config($1, $2, false)', [name, value]);
    const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain (analyze) ${LIST_MESSAGES.text}`, [group.id, 1, MESSAGES]);
    return rows.map((row) => row['QUERY PLAN']).join('\n');
  } finally {
    await client.end();
  }
}

it('a page reads the lowest receipts of the members once, not once for each message', async () => {
  const loops = [...(await explainPage()).matchAll(/on members member .*loops=(\d+)\)/g)].map(([, count]) => Number(count));
  expect(loops).toEqual([1]);
});

it('a page reads of the reactions the counts and what it shows, however many members reacted', async () => {
  await chat.sql.query(
    `insert into message_reactions (message_id, user_id, emoji)
       select m, u, chr(128512 + e) from unnest($1::uuid[]) m cross join unnest($2::uuid[]) u cross join generate_series(1, 20) e`,
    [messageIds.slice(0, 2), Array.from({ length: 1000 }, () => newId())],
  );
  await chat.sql.query('analyze message_reactions');
  const reads = [...(await explainPage()).matchAll(/(Index Only Scan using \w+) on message_reactions .*rows=([\d.]+) loops=(\d+)\)/g)];
  expect(reads.map(([, scan, rows, loops]) => [scan, Number(rows) * Number(loops)])).toEqual([
    ['Index Only Scan using message_reactions_by_emoji', 2 * 20 * 10],
  ]);
});
