import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DATABASE_SETTINGS } from '../src/database/queries.module.js';
import { LIST_MESSAGES } from '../src/messages/messages.queries.js';
import { Chat } from './kit/chat.js';
import { TestGroup } from './kit/groups.js';

const MESSAGES = 10;

let chat: Chat;
let group: TestGroup;
beforeAll(async () => {
  chat = await Chat.start();
  const [ada, ben] = await chat.users(2);
  group = await TestGroup.create(chat, ada!, [ben!]);
  for (let n = 0; n < MESSAGES; n++) await group.send(ada!);
});
afterAll(() => chat?.stop());

it('a page reads the lowest receipts of the members once, not once for each message', async () => {
  const client = new Client({ connectionString: chat.database.adminUrl });
  await client.connect();
  try {
    for (const [name, value] of Object.entries({ ...DATABASE_SETTINGS, search_path: 'chat' }))
      await client.query('select set_config($1, $2, false)', [name, value]);
    const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain (analyze) ${LIST_MESSAGES.text}`, [group.id, 1, MESSAGES]);
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    const loops = [...plan.matchAll(/on members member .*loops=(\d+)\)/g)].map(([, count]) => Number(count));
    expect(loops).toEqual([1]);
  } finally {
    await client.end();
  }
});
