import { newId } from '@chat/shared/database';
import type { TestDatabase } from '@chat/shared/testing';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ReactionCounts1764000000013 } from '../src/migrations/0013-reaction-counts.js';
import { Chat } from './kit/chat.js';

/* An update from the build before, which has reactions and no counts. */
const messageIds = [newId(), newId()];
const USERS = Array.from({ length: 7 }, () => newId());
let chat: Chat;
beforeAll(async () => {
  chat = await Chat.start({ prepare: goBack });
});
afterAll(() => chat?.stop());

/** To what the build before has, with reactions of 7 members to one message and of 2 to another. */
async function goBack(database: TestDatabase): Promise<void> {
  const sql = new Client({ connectionString: database.adminUrl, options: '-c search_path=chat' });
  await sql.connect();
  const runner = { query: (text: string) => sql.query(text) };
  await new ReactionCounts1764000000013().down(runner as never);
  await sql.query(`delete from migrations where name like 'ReactionCounts%'`);
  for (const [messageId, users] of [
    [messageIds[0], USERS],
    [messageIds[1], USERS.slice(5)],
  ])
    await sql.query('insert into message_reactions (message_id, user_id, emoji) select $1, unnest($2::uuid[]), $3', [
      messageId,
      users,
      '👍',
    ]);
  await sql.end();
}

const counts = async () => {
  const rows = await chat.rows<{ message_id: string; count: number }>('select message_id, count from message_reaction_counts');
  return messageIds.map((id) => rows.find(({ message_id }) => message_id === id)?.count);
};

it('the reactions of the build before are counted, and then every statement counts, also one that changes many messages', async () => {
  expect(await counts()).toEqual([7, 2]);
  await chat.sql.query('delete from message_reactions where user_id = $1', [USERS[6]]);
  expect(await counts()).toEqual([6, 1]);
  await chat.sql.query('delete from message_reactions where message_id = $1', [messageIds[1]]);
  expect(await counts()).toEqual([6, undefined]);
});

it('the migration can be repeated after an interruption', async () => {
  const runner = { query: (text: string) => chat.sql.query(text), startTransaction: async () => {}, commitTransaction: async () => {} };
  await chat.sql.query('update message_reaction_counts set count = 99 where message_id = $1', [messageIds[0]]);
  const lockless = { ...runner, query: (text: string) => (text.startsWith('lock') ? Promise.resolve() : chat.sql.query(text)) };
  await new ReactionCounts1764000000013().up(lockless as never);
  expect(await counts()).toEqual([6, undefined]);
});
