import { newId } from '@chat/shared/database';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DATABASE_SETTINGS } from '../src/database/queries.module.js';
import { FIND_READABLE_UPLOAD } from '../src/files/files.queries.js';
import { Chat } from './kit/chat.js';
import { TestFiles } from './kit/files.js';

const OTHERS = 20_000;

let chat: Chat;
beforeAll(async () => {
  chat = await Chat.start();
});
afterAll(() => chat?.stop());

it('whether a user may read a file is decided by a few rows, found by their keys, however many files there are and conversations the user has', async () => {
  const [ada, ben] = await chat.users(2);
  const files = await new TestFiles(chat).uploads(ada!, 1);
  await ada!.send({ receiverId: ben!.userId, attachmentIds: files });
  await chat.sql.query(
    `with other as (select gen_random_uuid() as id, gen_random_uuid() as conversation_id, gen_random_uuid() as user_id from generate_series(1, $1)),
       uploaded as (
         insert into uploads (id, owner_id, purpose, kind, file_name, mime_type, size_bytes, reserved_bytes, state, created_at, expires_at)
           select o.id, o.user_id, 'MESSAGE_ATTACHMENT', 'IMAGE', 'a.png', 'image/png', 1, 1, 'attached', now(), now() from other o),
       created as (
         insert into conversations (id, kind, title, has_membership_record, created_by, created_at)
           select o.conversation_id, 'GROUP', 'G', true, o.user_id, now() from other o),
       used as (insert into attachments (upload_id, conversation_id, message_id) select o.id, o.conversation_id, o.id from other o)
     insert into members (conversation_id, user_id, role, joined_at) select o.conversation_id, u.id, 'MEMBER', now()
       from other o cross join lateral unnest(array[o.user_id, $2::uuid]) u (id)`,
    [OTHERS, ben!.userId],
  );
  await chat.sql.query('analyze uploads, attachments, members, messages');
  const plan = await explain([files[0]!, ben!.userId]);
  expect(plan).not.toContain('Seq Scan');
  expect([...plan.matchAll(/using (\w+) on (\w+)/g)].map(([, index, table]) => [table, index]).toSorted()).toEqual([
    ['attachments', 'attachments_pkey'],
    ['members', expect.stringMatching(/^members_(pkey|of_user)$/)],
    ['messages', 'messages_pkey'],
    ['uploads', 'uploads_pkey'],
    ['user_deletions', 'user_deletions_pkey'],
    ['user_deletions', 'user_deletions_pkey'],
  ]);
  const read = [...plan.matchAll(/rows=(\d+)(?:\.\d+)? loops=(\d+)/g)].map(([, rows, loops]) => Number(rows) * Number(loops));
  expect(Math.max(...read)).toBe(1);
  expect((await explain([files[0]!, newId()])).includes('Seq Scan')).toBe(false);
});

async function explain(values: string[]): Promise<string> {
  const client = new Client({ connectionString: chat.database.adminUrl });
  await client.connect();
  try {
    for (const [name, value] of Object.entries({ ...DATABASE_SETTINGS, search_path: 'chat' }))
      await client.query('select set_config($1, $2, false)', [name, value]);
    const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain (analyze) ${FIND_READABLE_UPLOAD.text}`, values);
    return rows.map((row) => row['QUERY PLAN']).join('\n');
  } finally {
    await client.end();
  }
}
